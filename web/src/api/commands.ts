import { send } from './http';
import type {
  Activity,
  AlertPatch,
  Incident,
  IncidentPatch,
  Invitation,
  MergeRecord,
  Role,
  SessionInfo,
  Token,
  User,
} from './types';

// Everything that the portal asks the server to do.

export interface BulkResult {
  items: { id: number | string; ok: boolean; error?: string }[];
}

export const signIn = (user: string, password: string) => send<SessionInfo>('POST', '/session', { user, password });

export const signOut = () => send<void>('DELETE', '/session');

export const acceptInvitation = (secret: string, body: { displayName?: string; user?: string; password: string }) =>
  send<SessionInfo>('POST', `/setup/${encodeURIComponent(secret)}`, body);

export const changePassword = (old: string, fresh: string) => send<void>('PUT', '/session/password', { old, new: fresh });

export const saveSettings = (settings: Record<string, unknown>) => send<void>('PUT', '/session/settings', settings);

export const updateIncident = (id: number, patch: IncidentPatch) => send<Incident>('PATCH', `/incidents/${id}`, patch);

export const updateIncidents = (ids: number[], patch: IncidentPatch) =>
  send<BulkResult>('POST', '/incidents/update', { ids, patch });

export const commentOn = (id: number, text: string) => send<Activity>('POST', `/incidents/${id}/comments`, { text });

export const mergeIncidents = (ids: number[], reason: string, reasons: string[]) =>
  send<{ target: number; merges: MergeRecord[] }>('POST', '/incidents/merge', { ids, reason, reasons });

export const undoMerge = (merge: number, reason: string) =>
  send<{ source: Incident; target: Incident }>('POST', `/merges/${merge}/undo`, { reason });

/** Moves alerts into an incident; without one they get a new incident. */
export const moveAlerts = (alertIds: string[], incident: number | undefined, reason: string, reasons: string[]) =>
  send<{ incident: number | Incident }>('POST', '/alerts/move', {
    alertIds,
    ...(incident === undefined ? {} : { incident }),
    reason,
    reasons,
  });

export const updateAlerts = (ids: string[], patch: AlertPatch) => send<BulkResult>('POST', '/alerts/update', { ids, patch });

export interface NewUser {
  user: User;
  invitation: string;
}

export const addUser = (name: string, displayName: string, role: Role) =>
  send<NewUser>('POST', '/users', { name, displayName, role });

export const updateUser = (name: string, patch: { displayName?: string; role?: Role; disabled?: boolean }) =>
  send<User>('PATCH', `/users/${encodeURIComponent(name)}`, patch);

export const removeUser = (name: string) => send<void>('DELETE', `/users/${encodeURIComponent(name)}`);

export const inviteUser = (name: string) =>
  send<{ invitation: string } & Partial<Invitation>>('POST', `/users/${encodeURIComponent(name)}/invitation`);

export const addToken = (name: string, scopes: string[], expiresAt: string | undefined) =>
  send<{ token: Token; secret: string }>('POST', '/tokens', { name, scopes, ...(expiresAt ? { expiresAt } : {}) });

export const removeToken = (id: string) => send<void>('DELETE', `/tokens/${encodeURIComponent(id)}`);
