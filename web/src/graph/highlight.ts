import type { TimelineItem } from '../api/types';
import { entitiesOf, type Graph } from './model';

export interface Selection {
  alert?: string | undefined;
  entity?: number | undefined;
}

export interface Highlight {
  /** Nodes to bring out; undefined when nothing is selected. */
  nodes: ReadonlySet<string> | undefined;
  edges: ReadonlySet<string>;
  alerts: ReadonlySet<string>;
}

const none: Highlight = { nodes: undefined, edges: new Set(), alerts: new Set() };

/** Selecting an alert brings out its entities, selecting an entity its alerts and neighbours. */
export function highlight(graph: Graph, timeline: TimelineItem[], selection: Selection): Highlight {
  if (selection.alert !== undefined) return ofAlert(graph, timeline, selection.alert);
  if (selection.entity !== undefined) return ofEntity(graph, timeline, selection.entity);
  return none;
}

function ofAlert(graph: Graph, timeline: TimelineItem[], alert: string): Highlight {
  const item = timeline.find((i) => i.alertId === alert || i.folded?.includes(alert));
  const ids = new Set([alert, ...(item === undefined ? [] : [item.alertId, ...(item.folded ?? [])])]);
  const entities = new Set(item?.entities ?? []);
  const nodes = graph.nodes.filter((n) => n.alerts.some((a) => ids.has(a)) || entitiesOf(n).some((e) => entities.has(e)));
  return {
    nodes: new Set(nodes.map((n) => n.id)),
    edges: new Set(graph.edges.filter((e) => e.alerts.some((a) => ids.has(a))).map((e) => e.id)),
    alerts: ids,
  };
}

function ofEntity(graph: Graph, timeline: TimelineItem[], entity: number): Highlight {
  const own = new Set(graph.nodes.filter((n) => entitiesOf(n).includes(entity)).map((n) => n.id));
  const edges = graph.edges.filter((e) => own.has(e.from) || own.has(e.to));
  return {
    nodes: new Set([...own, ...edges.flatMap((e) => [e.from, e.to])]),
    edges: new Set(edges.map((e) => e.id)),
    alerts: new Set(timeline.filter((i) => i.entities.includes(entity)).map((i) => i.alertId)),
  };
}
