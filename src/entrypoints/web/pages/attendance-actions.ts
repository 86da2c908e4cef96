import { AppError } from '../../../base/errors.ts'
import { actorOf } from '../actor.ts'
import { readForm } from '../read-body.ts'
import { linkTo, readId } from '../read-query.ts'
import type { WebContext } from '../route.ts'
import type { WebDeps } from '../web-deps.ts'

/** Switches attendance on or off. */
export async function switchAttendance(c: WebContext, deps: WebDeps): Promise<Response> {
  const { mode } = await readForm(c)
  if (mode !== 'on' && mode !== 'observing') throw new AppError('bad_request', 'The mode is either on or observing.')
  await deps.attendance.switchTo(mode, actorOf(c))
  return c.redirect(linkTo('/dashboard/attendance/', { notice: `attendance_${mode}` }), 303)
}

/** Sends a bot to a meeting, whatever the plan says. */
export async function sendBotToMeeting(c: WebContext, deps: WebDeps): Promise<Response> {
  const id = readId(c)
  await deps.attendance.want(id, actorOf(c))
  return c.redirect(linkTo(`/dashboard/meetings/${id}/`, {}), 303)
}

/** Lets the bot of a meeting leave, and sends none any more. */
export async function stopBotOfMeeting(c: WebContext, deps: WebDeps): Promise<Response> {
  const id = readId(c)
  await deps.attendance.refuse(id, actorOf(c))
  return c.redirect(linkTo(`/dashboard/meetings/${id}/`, {}), 303)
}

/** Takes back what was said about a meeting. */
export async function letMeetingGoAsPlanned(c: WebContext, deps: WebDeps): Promise<Response> {
  const id = readId(c)
  await deps.attendance.followPlan(id, actorOf(c))
  return c.redirect(linkTo(`/dashboard/meetings/${id}/`, {}), 303)
}
