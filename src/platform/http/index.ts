export { exactHosts } from './host-list.ts'
export { createHttpClient, type HttpClient, type HttpRequest } from './http-client.ts'
export type { HttpResponse } from './http-response.ts'
export { redactUrl } from './redact-url.ts'
