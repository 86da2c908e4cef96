export { createWebApp } from './create-web-app.ts'
export { createMetricsApp } from './metrics-app.ts'
export { startWebServer, type WebServer } from './start-web-server.ts'
export type { AttendeePages, WebDeps } from './web-deps.ts'
