/** An invitation as a whole address, whatever part of it the server gives. */
export function invitationLink(given: string, origin: string): string {
  if (/^https?:\/\//.test(given)) return given;
  return given.startsWith('/') ? origin + given : `${origin}/setup/${given}`;
}
