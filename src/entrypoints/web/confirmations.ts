/** What a page may say after a form was sent: a fixed list, so that an address cannot put words into our mouth. */
const confirmations: Record<string, string> = {
  sync_sent: 'A sync is on its way. Reload this page in a moment to see what it found.',
  attendance_on: 'Attendance is on. Bots go to the meetings that are planned.',
  attendance_observing: 'Attendance is off. Everything is still planned and shown.',
  attendee_tried: 'The Attendee server was tried. What it said stands below.',
  job_retried: 'The job is in its queue again.',
  jobs_retried: 'The failed jobs are in their queues again.',
  jobs_gone: 'There was nothing left to retry.',
}

export function findConfirmation(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(confirmations, name) ? confirmations[name] : undefined
}
