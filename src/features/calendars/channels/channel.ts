/** `opening`: stored, and the provider is being asked. `closing`: another one took over, and the provider is to be told to stop. */
export type ChannelState = 'opening' | 'open' | 'closing' | 'closed'
