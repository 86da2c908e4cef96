export { becomeUnprivileged } from './become-unprivileged.ts'
