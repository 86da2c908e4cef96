/** The channel on which changes of transcripts are announced, with the meeting's id; an empty payload is for every reader. */
export const TRANSCRIPT_SIGNAL = 'transcript_changed'
