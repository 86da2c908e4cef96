import type { DeadLetter } from '../../../platform/jobs/index.ts'
import { ActionForm, Foreign } from '../components/blocks.tsx'
import { Cell, NameCell, Row, Table } from '../components/table.tsx'
import { Moment } from '../components/times.tsx'
import { linkTo, readId } from '../read-query.ts'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'

const MAX_SHOWN = 100

/** The jobs that failed for good, to be tried again by hand. */
export function FailedJobs(props: { jobs: readonly DeadLetter[]; csrf: string; zone: string; now: Date }) {
  const { jobs, csrf, zone, now } = props
  return (
    <section aria-labelledby="jobs">
      <div class="head">
        <h2 id="jobs">
          Failed jobs <span class="muted">{jobs.length}</span>
        </h2>
        {jobs.length > 1 ? <ActionForm action="/dashboard/problems/retry-all/" csrf={csrf} label="Retry all" /> : null}
      </div>
      <p class="muted">They were tried several times. Retry once the cause is gone.</p>
      <Table caption="Failed jobs" columns={['Job', 'Why', 'Failed', 'Action']} kind="jobs">
        {jobs.slice(0, MAX_SHOWN).map((job) => (
          <Row>
            <NameCell>
              {job.name}
              <small>
                <code>{job.id.slice(0, 8)}</code>
              </small>
            </NameCell>
            <Cell label="Why">
              <Foreign text={job.reason} />
            </Cell>
            <Cell label="Failed">
              <Moment at={job.failedAt} zone={zone} now={now} />
            </Cell>
            <Cell label="Action">
              <ActionForm action={`/dashboard/problems/${job.id}/retry/`} csrf={csrf} label="Retry" />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  )
}

/** Puts one failed job back into its queue. */
export async function retryJob(c: WebContext, deps: WebDeps): Promise<Response> {
  const count = await deps.deadLetters.retry([readId(c)])
  return c.redirect(linkTo('/dashboard/problems/', { notice: count > 0 ? 'job_retried' : 'jobs_gone' }), 303)
}

/** Puts every failed job back into its queue. */
export async function retryAllJobs(c: WebContext, deps: WebDeps): Promise<Response> {
  const count = await deps.deadLetters.retry()
  return c.redirect(linkTo('/dashboard/problems/', { notice: count > 0 ? 'jobs_retried' : 'jobs_gone' }), 303)
}
