import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries';
import type { SessionInfo } from '../api/types';

export interface Policy {
  session: SessionInfo | undefined;
  /** May change incidents and alerts. */
  write: boolean;
  /** May manage people and see intake. */
  admin: boolean;
  /** Why a change is not offered; undefined when it is. */
  blocked: string | undefined;
}

/** What the signed-in person may do. The server decides again. */
export function usePolicy(): Policy {
  const { data } = useQuery(sessionQuery);
  const role = data?.user.role ?? 'viewer';
  const write = role !== 'viewer';
  return {
    session: data,
    write,
    admin: role === 'admin',
    blocked: write ? undefined : 'Viewers cannot change anything',
  };
}
