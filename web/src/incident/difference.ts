import type { IncidentPatch } from '../api/types';
import type { Draft } from './ManageForm';

/** The fields that differ between what is and what was typed. */
export function difference(before: Partial<Draft>, after: Partial<Draft>): IncidentPatch {
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    if (JSON.stringify(value) !== JSON.stringify(before[key as keyof Draft])) patch[key] = value;
  }
  return patch;
}
