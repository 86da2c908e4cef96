export { installCapture } from './capture.ts'
