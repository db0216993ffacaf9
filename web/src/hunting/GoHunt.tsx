import { Button, Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger, Spinner } from '@fluentui/react-components';
import { SearchSquare16Regular, TimelineRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../api/client';
import { goHuntQuery } from './api';
import { hasTimeline } from './timeline';

interface GoHuntProps {
  kind: string;
  id: number;
  /** The moment that the queries look around; without it the entity's first activity. */
  at?: string | undefined;
  /** An icon alone, for rows. */
  small?: boolean;
}

/** The pre-made queries about an entity, and its timeline. */
export function GoHunt({ kind, id, at, small = false }: GoHuntProps) {
  const [open, setOpen] = useState(false);
  return (
    <Menu open={open} onOpenChange={(_, d) => setOpen(d.open)}>
      <MenuTrigger disableButtonEnhancement>
        {small ? (
          <Button size="small" appearance="transparent" icon={<SearchSquare16Regular />} aria-label="Go hunt" title="Go hunt" />
        ) : (
          <Button size="small" icon={<SearchSquare16Regular />}>
            Go hunt
          </Button>
        )}
      </MenuTrigger>
      <MenuPopover>{open && <Offers kind={kind} id={id} at={at} />}</MenuPopover>
    </Menu>
  );
}

function Offers({ kind, id, at }: { kind: string; id: number; at: string | undefined }) {
  const query = useQuery(goHuntQuery(id, at));
  const navigate = useNavigate();
  return (
    <MenuList>
      {query.isPending && (
        <MenuItem disabled>
          <Spinner size="tiny" label="Looking for queries" />
        </MenuItem>
      )}
      {query.isError && (
        <MenuItem disabled>{query.error instanceof Problem ? query.error.message : 'The queries could not be loaded'}</MenuItem>
      )}
      {query.data?.length === 0 && <MenuItem disabled>No table knows such a thing</MenuItem>}
      {query.data?.map((offer) => (
        <MenuItem
          key={offer.name}
          title={offer.description}
          onClick={() =>
            void navigate({
              to: '/hunting',
              search: { q: offer.query, range: 'query', name: offer.name },
              state: { run: offer.query } as Record<string, unknown>,
            })
          }
        >
          {offer.name}
        </MenuItem>
      ))}
      {hasTimeline(kind) && (
        <>
          <MenuDivider />
          <MenuItem
            icon={<TimelineRegular />}
            onClick={() =>
              void navigate({
                to: '/entities/$id/timeline',
                params: { id: String(id) },
                search: at === undefined ? {} : { at },
              })
            }
          >
            Timeline of its events
          </MenuItem>
        </>
      )}
    </MenuList>
  );
}
