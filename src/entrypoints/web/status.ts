/** The five meanings a colour may have. */
export type Role = 'neutral' | 'active' | 'good' | 'warn' | 'bad'

/** Each status has a shape of its own, so that it is told without colour. */
export type Shape =
  | 'hollow-circle'
  | 'minus-circle'
  | 'quarter-circle'
  | 'half-circle'
  | 'hollow-diamond'
  | 'ringed-dot'
  | 'filled-diamond'
  | 'three-quarter-circle'
  | 'ticked-circle'
  | 'crossed-octagon'
  | 'crossed-square'
  | 'struck-circle'
  | 'filled-circle'

/** A word, its shape and its role: said the same on every page. */
export interface Status {
  word: string
  shape: Shape
  role: Role
}

export const meetingStatuses = {
  planned: { word: 'Planned', shape: 'hollow-circle', role: 'neutral' },
  not_planned: { word: 'Not planned', shape: 'minus-circle', role: 'neutral' },
  no_place: { word: 'Waiting for a free place', shape: 'half-circle', role: 'warn' },
  joining: { word: 'Joining', shape: 'quarter-circle', role: 'active' },
  waiting: { word: 'Waiting to be let in', shape: 'hollow-diamond', role: 'warn' },
  recording: { word: 'Recording', shape: 'ringed-dot', role: 'active' },
  no_sound: { word: 'No sound', shape: 'filled-diamond', role: 'warn' },
  processing: { word: 'Processing', shape: 'three-quarter-circle', role: 'active' },
  attended: { word: 'Attended', shape: 'filled-circle', role: 'good' },
  missed: { word: 'Missed', shape: 'crossed-octagon', role: 'bad' },
  failed: { word: 'Failed', shape: 'crossed-square', role: 'bad' },
  cancelled: { word: 'Cancelled', shape: 'struck-circle', role: 'neutral' },
} as const satisfies Record<string, Status>

export type MeetingStatus = keyof typeof meetingStatuses
