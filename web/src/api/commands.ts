import { answer, api } from './client';
import type {
  AlertPatch,
  CorrelationSettings,
  IncidentPatch,
  Reason,
  Role,
  RuleControl,
  Scope,
  SplitIdentifier,
  TaskPatch,
} from './types';

// Everything that the portal asks the server to do.

export const signIn = (user: string, password: string) => answer(api.POST('/api/v1/session', { body: { user, password } }));

export const signOut = () => answer(api.DELETE('/api/v1/session'));

export const acceptInvitation = (secret: string, body: { displayName?: string; user?: string; password: string }) =>
  answer(api.POST('/api/v1/setup/{secret}', { params: { path: { secret } }, body }));

export const changePassword = (old: string, fresh: string) =>
  answer(api.PUT('/api/v1/session/password', { body: { old, new: fresh } }));

export const saveSettings = (settings: Record<string, unknown>) =>
  answer(api.PUT('/api/v1/session/settings', { body: settings }));

export const updateIncident = (id: number, patch: IncidentPatch) =>
  answer(api.PATCH('/api/v1/incidents/{id}', { params: { path: { id } }, body: patch }));

export const updateIncidents = (ids: number[], patch: IncidentPatch) =>
  answer(api.POST('/api/v1/incidents/update', { body: { ids, patch } }));

export const commentOn = (id: number, text: string) =>
  answer(api.POST('/api/v1/incidents/{id}/comments', { params: { path: { id } }, body: { text } }));

export const mergeIncidents = (ids: number[], reason: string, reasons: Reason[]) =>
  answer(api.POST('/api/v1/incidents/merge', { body: { ids, reason, reasons } }));

export const undoMerge = (mergeId: number, reason: string) =>
  answer(api.POST('/api/v1/merges/{mergeId}/undo', { params: { path: { mergeId } }, body: { reason } }));

/** Takes identifiers away from an entity: they become one of their own. */
export const splitEntity = (id: number, identifiers: SplitIdentifier[], reason: string) =>
  answer(api.POST('/api/v1/entities/{id}/split', { params: { path: { id } }, body: { identifiers, reason } }));

export const undoSplit = (splitId: number) =>
  answer(api.POST('/api/v1/splits/{splitId}/undo', { params: { path: { splitId } }, body: {} }));

/** Moves alerts into an incident; without one they get a new incident. */
export const moveAlerts = (alertIds: string[], incident: number | undefined, reason: string, reasons: Reason[]) =>
  answer(
    api.POST('/api/v1/alerts/move', {
      body: { alertIds, ...(incident === undefined ? {} : { incident }), reason, reasons },
    }),
  );

export const updateAlerts = (ids: string[], patch: AlertPatch) =>
  answer(api.POST('/api/v1/alerts/update', { body: { ids, patch } }));

export const addUser = (name: string, displayName: string, role: Role) =>
  answer(api.POST('/api/v1/users', { body: { name, displayName, role } }));

export const updateUser = (name: string, patch: { displayName?: string; role?: Role; disabled?: boolean }) =>
  answer(api.PATCH('/api/v1/users/{name}', { params: { path: { name } }, body: patch }));

export const removeUser = (name: string) => answer(api.DELETE('/api/v1/users/{name}', { params: { path: { name } } }));

export const inviteUser = (name: string) => answer(api.POST('/api/v1/users/{name}/invitation', { params: { path: { name } } }));

export const addToken = (name: string, scopes: Scope[], expiresAt: string | undefined) =>
  answer(api.POST('/api/v1/tokens', { body: { name, scopes, ...(expiresAt === undefined ? {} : { expiresAt }) } }));

export const removeToken = (id: string) => answer(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }));

export const acceptSuggestion = (id: number) =>
  answer(api.POST('/api/v1/suggestions/{id}/accept', { params: { path: { id } }, body: {} }));

export const rejectSuggestion = (id: number, reason: string) =>
  answer(api.POST('/api/v1/suggestions/{id}/reject', { params: { path: { id } }, body: { reason } }));

export const reopenSuggestion = (id: number) =>
  answer(api.POST('/api/v1/suggestions/{id}/reopen', { params: { path: { id } }, body: {} }));

/** The version that a change is made on, as the API wants it. */
const onVersion = (version: number) => ({ header: { 'If-Match': `"${version}"` } });

export const addTask = (id: number, title: string, description: string) =>
  answer(api.POST('/api/v1/incidents/{id}/tasks', { params: { path: { id } }, body: { title, description } }));

/** Changes a task; with a version only when it still is that one. */
export const updateTask = (id: number, taskId: number, patch: TaskPatch, version: number | undefined) =>
  answer(
    api.PATCH('/api/v1/incidents/{id}/tasks/{taskId}', {
      params: { path: { id, taskId }, ...(version === undefined ? {} : onVersion(version)) },
      body: patch,
    }),
  );

export const deleteTask = (id: number, taskId: number) =>
  answer(api.DELETE('/api/v1/incidents/{id}/tasks/{taskId}', { params: { path: { id, taskId } } }));

export const putCorrelation = (settings: CorrelationSettings, version: number, reason: string) =>
  answer(api.PUT('/api/v1/correlation/settings', { params: onVersion(version), body: { settings, reason } }));

export const patchRule = (rule: RuleControl, version: number, reason: string) =>
  answer(api.PATCH('/api/v1/correlation/rules', { params: onVersion(version), body: { ...rule, reason } }));

export const restoreCorrelation = (to: number, version: number, reason: string) =>
  answer(api.POST('/api/v1/correlation/restore', { params: onVersion(version), body: { version: to, reason } }));
export const startBacktest = (days: number, settings: CorrelationSettings) =>
  answer(api.POST('/api/v1/backtests', { body: { days, settings } }));

export const removeBacktest = (backtestId: number) =>
  answer(api.DELETE('/api/v1/backtests/{backtestId}', { params: { path: { backtestId } } }));

/** Keeps a model file; it is sent as it is. */
export const uploadModel = (file: string) =>
  answer(
    api.POST('/api/v1/correlation/models', {
      body: file,
      bodySerializer: (text) => text,
      headers: { 'Content-Type': 'application/json' },
    }),
  );

export const trainModel = (version: string) => answer(api.POST('/api/v1/correlation/models/train', { body: { version } }));

export const removeModel = (modelId: number) =>
  answer(api.DELETE('/api/v1/correlation/models/{modelId}', { params: { path: { modelId } } }));
