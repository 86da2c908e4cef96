/** Times between which occurrences are wanted: those that end after `from` and start before `to`. */
export interface Window {
  from: Date
  to: Date
}
