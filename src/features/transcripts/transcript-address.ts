/** Where a transcript is read: the path of its page, with the token of a link where one is given. */
export function transcriptPath(meetingId: string, token?: string): string {
  const path = `/dashboard/transcripts/${meetingId}/`
  return token === undefined ? path : `${path}?token=${token}`
}
