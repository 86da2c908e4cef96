import type { Shape, Status } from '../status.ts'

/** A status: its shape in the colour of its role, and its word. */
export function StatusMark({ status }: { status: Status }) {
  return (
    <span class={`status ${status.role}`}>
      <ShapeIcon shape={status.shape} /> <span>{status.word}</span>
    </span>
  )
}

/** One of the shapes, in the colour of the text around it. The word beside it says the same. */
export function ShapeIcon({ shape }: { shape: Shape }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {shapes[shape]}
    </svg>
  )
}

const circle = <circle cx="8" cy="8" r="6.25" />
const tick = <path d="M5 8.4l2.1 2.1L11 6" />
const cross = <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" />

const shapes: Record<Shape, unknown> = {
  'hollow-circle': circle,
  'minus-circle': (
    <>
      {circle}
      <path d="M5 8h6" />
    </>
  ),
  'quarter-circle': (
    <>
      {circle}
      <path class="fill" d="M8 8V1.75A6.25 6.25 0 0 1 14.25 8z" />
    </>
  ),
  'half-circle': (
    <>
      {circle}
      <path class="fill" d="M1.75 8a6.25 6.25 0 0 0 12.5 0z" />
    </>
  ),
  'hollow-diamond': <path d="M8 1.5L14.5 8 8 14.5 1.5 8z" />,
  'ringed-dot': (
    <>
      {circle}
      <circle class="fill" cx="8" cy="8" r="3.2" />
    </>
  ),
  'filled-diamond': <path class="fill" d="M8 1.5L14.5 8 8 14.5 1.5 8z" />,
  'three-quarter-circle': (
    <>
      {circle}
      <path class="fill" d="M8 8V1.75A6.25 6.25 0 1 1 1.75 8z" />
    </>
  ),
  'ticked-circle': (
    <>
      {circle}
      {tick}
    </>
  ),
  'crossed-octagon': (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3z" />
      {cross}
    </>
  ),
  'crossed-square': (
    <>
      <rect x="1.75" y="1.75" width="12.5" height="12.5" rx="1" />
      {cross}
    </>
  ),
  'struck-circle': (
    <>
      {circle}
      <path d="M3.6 12.4l8.8-8.8" />
    </>
  ),
  'filled-circle': <circle class="fill" cx="8" cy="8" r="6.25" />,
}
