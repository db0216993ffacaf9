import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, SearchBox } from '@fluentui/react-components';
import { MoreHorizontal16Regular } from '@fluentui/react-icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { Foreign } from '../ui/Foreign';
import { Answered, Empty } from '../ui/states';
import { changeQuery, removeQuery, type SavedQuery, savedQueriesQuery } from './api';
import styles from './Panel.module.css';
import { foldersOf } from './savedQueries';

interface QueriesPanelProps {
  onOpen: (query: SavedQuery) => void;
  onEdit: (query: SavedQuery) => void;
}

/** One's own queries and those that others share, by folder. */
export function QueriesPanel({ onOpen, onEdit }: QueriesPanelProps) {
  const query = useQuery(savedQueriesQuery);
  const { session } = usePolicy();
  const [search, setSearch] = useState('');
  const me = session?.user.name ?? '';
  return (
    <div className={styles.panel}>
      <SearchBox
        size="small"
        className={styles.search}
        value={search}
        placeholder="Name or text"
        aria-label="Search the saved queries"
        onChange={(_, d) => setSearch(d.value)}
      />
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Saved queries">
        <Answered
          query={query}
          what="saved queries"
          isEmpty={(d) => d.length === 0}
          empty={<Empty title="No saved queries">Save the query in front with Save, for you alone or for everybody.</Empty>}
        >
          {(all) => {
            const folders = foldersOf(all, me, search);
            if (folders.length === 0) return <Empty title="None is called like this" />;
            return folders.map((folder) => (
              <section key={folder.name}>
                <h3 className={styles.family}>
                  <Foreign value={folder.name} max={60} />
                </h3>
                <ul>
                  {folder.queries.map((q) => (
                    <SavedItem key={q.id} query={q} me={me} onOpen={() => onOpen(q)} onEdit={() => onEdit(q)} />
                  ))}
                </ul>
              </section>
            ));
          }}
        </Answered>
      </div>
    </div>
  );
}

interface SavedItemProps {
  query: SavedQuery;
  me: string;
  onOpen: () => void;
  onEdit: () => void;
}

function SavedItem({ query, me, onOpen, onEdit }: SavedItemProps) {
  const client = useQueryClient();
  const toast = useToast();
  const { admin } = usePolicy();
  const fresh = () => void client.invalidateQueries({ queryKey: savedQueriesQuery.queryKey });
  const remove = useMutation({
    mutationFn: () => removeQuery(query.id),
    onSuccess: () => {
      toast.done(`“${query.name}” is removed`);
      fresh();
    },
    onError: (error) => toast.failed('The query was not removed', error),
  });
  const share = useMutation({
    mutationFn: () => changeQuery(query, { shared: !query.shared }),
    onSuccess: () => {
      toast.done(query.shared ? 'It is yours alone now' : 'Everybody can see it now');
      fresh();
    },
    onError: (error) => toast.failed('The query was not changed', error),
  });
  const mine = query.owner === me || admin;
  return (
    <li className={styles.line}>
      <button type="button" className={styles.insert} title={query.description || query.query.slice(0, 400)} onClick={onOpen}>
        <span className={styles.title}>
          <Foreign value={query.name} max={80} />
        </span>
        {query.owner !== me && (
          <span className={styles.type}>
            <Foreign value={query.owner} max={24} />
          </span>
        )}
      </button>
      {mine && (
        <Menu>
          <MenuTrigger disableButtonEnhancement>
            <Button
              size="small"
              appearance="transparent"
              icon={<MoreHorizontal16Regular />}
              aria-label={`Manage ${query.name}`}
            />
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              <MenuItem onClick={onEdit}>Rename or move</MenuItem>
              <MenuItem onClick={() => share.mutate()}>{query.shared ? 'Stop sharing' : 'Share with everybody'}</MenuItem>
              <MenuItem onClick={() => remove.mutate()}>Remove</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
    </li>
  );
}
