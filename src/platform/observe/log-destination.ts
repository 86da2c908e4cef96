/** Where log lines go. Each call brings one whole line with its line break. */
export interface LogDestination {
  write(line: string): void
}
