import { countOf } from '../../../../base/text.ts'
import { isPlatform, type Meeting, platformLabel } from '../../../../features/meetings/index.ts'
import { Foreign } from '../../components/blocks.tsx'
import { StatusMark } from '../../components/mark.tsx'
import { Cell, NameCell, Row, Table } from '../../components/table.tsx'
import { Period } from '../../components/times.tsx'
import { explainStanding } from '../../meeting-status.ts'
import { linkTo } from '../../read-query.ts'
import { meetingStatuses } from '../../status.ts'
import { shownTitle } from '../../titles.ts'
import type { DayMeeting } from './read-day.ts'

const columns = ['Time', 'Meeting', 'Status', 'Why', 'People']

/** The meetings of a day in their order, each with its reason. */
export function MeetingTable(props: {
  meetings: readonly DayMeeting[]
  zone: string
  now: Date
  tz: string | undefined
}) {
  const { meetings, zone, now, tz } = props
  return (
    <Table caption="Meetings of the day" columns={columns} kind="meetings">
      {meetings.map(({ meeting, status, sentence }) => (
        <Row isMuted={meeting.endsAt <= now}>
          <Cell label="Time">
            <Period startsAt={meeting.startsAt} endsAt={meeting.endsAt} isAllDay={meeting.isAllDay} zone={zone} />
            {meeting.startsAt <= now && now < meeting.endsAt ? <span class="tag">now</span> : null}
          </Cell>
          <NameCell>
            <a href={linkTo(`/dashboard/meetings/${meeting.id}/`, { tz })}>
              <Foreign text={shownTitle(meeting, 'meeting')} />
            </a>
            <Where meeting={meeting} />
          </NameCell>
          <Cell label="Status">
            <StatusMark status={meetingStatuses[status]} />
          </Cell>
          <Cell label="Why">
            <Why meeting={meeting} status={status} sentence={sentence} now={now} />
          </Cell>
          <Cell label="People">
            <span class="pair">
              {countOf(meeting.attendeeCount, 'person', 'people')}
              <small>{countOf(meeting.copies, 'calendar')}</small>
            </span>
          </Cell>
        </Row>
      ))}
    </Table>
  )
}

function Where({ meeting }: { meeting: Meeting }) {
  const platform = isPlatform(meeting.platform) ? platformLabel(meeting.platform) : meeting.platform
  return (
    <small>
      {platform}
      {meeting.organizerEmail === null ? null : (
        <>
          {' · '}
          <Foreign text={meeting.organizerEmail} />
        </>
      )}
    </small>
  )
}

function Why({ meeting, status, sentence, now }: DayMeeting & { now: Date }) {
  const { verdict, because, obstacle } = explainStanding(meeting, status, now)
  return (
    <>
      <strong>{verdict}:</strong> {because}. {[obstacle, sentence].filter(Boolean).join(' ')}
    </>
  )
}
