/** What the token endpoint answers instead of a token. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: string
  readonly status: number

  constructor(
    code: string,
    description: string,
    status = code === 'unauthorized_client' || code === 'invalid_client' ? 401 : 400,
  ) {
    super(description)
    this.code = code
    this.status = status
  }
}
