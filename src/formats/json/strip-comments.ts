/**
 * JSON with the comments (from // to the end of the line, and between the usual stars) and commas before a closing bracket turned into
 * blanks, so that places in error messages stay right.
 */
export function stripComments(text: string): string {
  const blank = (part: string) => part.replace(/[^\r\n]/g, ' ')
  const withoutComments = text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//g, (part) =>
    part.startsWith('"') ? part : blank(part),
  )
  return withoutComments.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[\]}])/g, (part) => (part === ',' ? ' ' : part))
}
