import { Button, Spinner } from '@fluentui/react-components';
import { Edit20Regular } from '@fluentui/react-icons';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useActions } from '../actions/registry';
import { alertFacetsQuery, alertsQuery } from '../api/queries';
import { useWaitingChanges } from '../app/live';
import { parseSearch, stringifySearch } from '../app/search';
import { usePolicy } from '../app/session';
import { ColumnChooser } from '../queue/ColumnChooser';
import { FilterBar } from '../queue/FilterBar';
import { alertList, filterQuery, type ListState, listQuery, readList, writeList } from '../queue/filters';
import { NoneFound } from '../queue/NoneFound';
import styles from '../queue/Queue.module.css';
import { SavedSets } from '../queue/SavedSets';
import { usePreferences } from '../queue/settings';
import { AlertPane } from '../story/AlertPane';
import { number } from '../text/count';
import { Grid } from '../ui/Grid';
import { useNarrow } from '../ui/media';
import { stepped } from '../ui/selection';
import { Failed, Waiting } from '../ui/states';
import { useNow } from '../ui/Time';
import { AlertCard, alertColumns, besidePane, standardAlertColumns } from './columns';
import { ManageAlertsPane } from './ManageAlertsPane';

/** Every alert of the workspace, newest first. */
export function AlertQueuePage() {
  const search = useSearch({ from: '/inside/alerts' });
  const navigate = useNavigate();
  const state = useMemo(() => readList(alertList, search), [search]);
  const now = useNow();
  const narrow = useNarrow();
  const { blocked } = usePolicy();
  const { preferences, change: setPreferences } = usePreferences();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [managing, setManaging] = useState(false);
  const searchBox = useRef<HTMLInputElement>(null);
  const client = useQueryClient();

  const query = listQuery(alertList, state, now);
  const list = useInfiniteQuery({ ...alertsQuery(query), placeholderData: (before) => before });
  const facets = useQuery(alertFacetsQuery(filterQuery(alertList, state, now)));
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const ids = useMemo(() => rows.map((r) => r.id), [rows]);
  const chosen = rows.filter((r) => selected.has(r.id));
  const live = useWaitingChanges(() => {
    if ((list.data?.pages.length ?? 0) > 3) void client.resetQueries({ queryKey: alertsQuery(query).queryKey });
    void client.invalidateQueries({ queryKey: ['alerts'] });
  });

  const go = (next: ListState, replace = false) => void navigate({ to: '/alerts', search: writeList(alertList, next), replace });
  const show = (id: string | undefined) => {
    const { open: _, ...rest } = state;
    go(id === undefined ? rest : { ...rest, open: id }, true);
  };
  const manage = () => {
    if (chosen.length > 0) setManaging(true);
  };
  const section = 'Alerts' as const;
  const cannot = blocked ?? (chosen.length === 0 ? 'Select alerts first' : undefined);
  useActions([
    { id: 'manage', name: 'Manage the selected alerts', section, keys: 's', blocked: cannot, perform: manage },
    { id: 'assign', name: 'Assign the selected alerts', section, keys: 'a', blocked: cannot, perform: manage },
    { id: 'classify', name: 'Classify the selected alerts', section, keys: 'c', blocked: cannot, perform: manage },
    { id: 'find', name: 'Search in the list', section, keys: '/', perform: () => searchBox.current?.focus() },
    ...(selected.size === 0
      ? []
      : [
          {
            id: 'unselect',
            name: 'Clear the selection',
            section,
            keys: 'Escape',
            quiet: true,
            perform: () => setSelected(new Set()),
          },
        ]),
  ]);
  const shown = preferences.columns.alerts ?? standardAlertColumns;
  const docked = !narrow && (state.open !== undefined || managing);
  const columns = shown
    .filter((id) => !docked || besidePane.includes(id))
    .flatMap((id) => alertColumns.filter((c) => c.id === id));
  const at = state.open === undefined ? -1 : ids.indexOf(state.open);
  return (
    <div className={styles.split}>
      <div className={styles.main}>
        <div className={styles.head}>
          <h1>Alerts</h1>
          <span className={styles.total}>{facets.data === undefined ? '' : number(facets.data.total)}</span>
          {live.waiting > 0 && (
            <Button size="small" appearance="primary" shape="circular" onClick={live.show}>
              {live.waiting} changed
            </Button>
          )}
          {list.isFetching && !list.isPending && <Spinner size="extra-tiny" aria-label="Refreshing" />}
          <span className={styles.gap} />
          <ColumnChooser
            all={alertColumns}
            shown={shown}
            onChange={(alerts) => setPreferences({ columns: { ...preferences.columns, alerts } })}
            onReset={() => setPreferences({ columns: { ...preferences.columns, alerts: standardAlertColumns } })}
          />
        </div>
        <FilterBar
          spec={alertList}
          state={state}
          facets={facets.data}
          onChange={(next) => go(next, true)}
          placeholder="Title or id"
          searchBox={searchBox}
        >
          <SavedSets
            list="alerts"
            search={stringifySearch(writeList(alertList, { ...state, open: '' }))}
            onApply={(text) => go(readList(alertList, parseSearch(text)))}
          />
        </FilterBar>
        {selected.size > 0 && (
          <div className={styles.bulk} role="toolbar" aria-label="Selected alerts">
            <strong>{number(selected.size)} selected</strong>
            <Button
              size="small"
              disabledFocusable={blocked !== undefined}
              title={blocked}
              icon={<Edit20Regular />}
              onClick={manage}
            >
              Manage
            </Button>
            <Button size="small" appearance="subtle" onClick={() => setSelected(new Set())}>
              Clear
            </Button>
          </div>
        )}
        <div className={styles.list} {...live.pointer}>
          {list.isPending && <Waiting rows={16} height={37} label="Loading the alerts" />}
          {list.isError && rows.length === 0 && <Failed error={list.error} what="alerts" retry={() => void list.refetch()} />}
          {list.isSuccess && rows.length === 0 && (
            <NoneFound what="alerts" onAll={() => go({ filters: {}, q: '', range: 'all', sort: state.sort, asc: state.asc })} />
          )}
          {rows.length > 0 && (
            <Grid
              label="Alerts"
              columns={columns}
              rows={rows}
              idOf={(r) => r.id}
              total={facets.data?.total}
              open={state.open}
              onOpen={(r) => show(r.id)}
              onEnter={(r) => void navigate({ to: '/alerts/$id', params: { id: r.id }, search: {} })}
              selected={selected}
              onSelect={setSelected}
              sort={{ by: state.sort, asc: state.asc }}
              onSort={(sort) => go({ ...state, sort: sort.by, asc: sort.asc }, true)}
              card={(r) => <AlertCard alert={r} />}
              more={list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined}
            />
          )}
        </div>
      </div>
      {state.open !== undefined && !managing && (
        <AlertPane
          key={state.open}
          id={state.open}
          over={narrow}
          onClose={() => show(undefined)}
          onPrevious={at > 0 ? () => show(stepped(ids, state.open, -1)) : undefined}
          onNext={at >= 0 && at < ids.length - 1 ? () => show(stepped(ids, state.open, 1)) : undefined}
        />
      )}
      {managing && (
        <ManageAlertsPane
          alerts={chosen}
          over={narrow}
          onClose={() => {
            setManaging(false);
            setSelected(new Set());
          }}
        />
      )}
    </div>
  );
}
