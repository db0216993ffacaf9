import { Button, Tooltip } from '@fluentui/react-components';
import { ZoomFit20Regular, ZoomIn20Regular, ZoomOut20Regular } from '@fluentui/react-icons';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { StoryEdge, StoryNode } from '../api/types';
import { Failed } from '../ui/states';
import { EdgeCard } from './EdgeCard';
import styles from './Graph.module.css';
import { Arrows, EdgeLabels, GraphEdges } from './GraphEdges';
import { GraphNode } from './GraphNode';
import type { Highlight } from './highlight';
import { placeLabels } from './labels';
import { computeLayout, type Layout, pointAt } from './layout';
import { inOrder, layoutInput } from './layoutInput';
import { Minimap } from './Minimap';
import { entitiesOf, type Graph } from './model';
import type { Revealed } from './reveal';
import { fitted, opening, revealing, revealingAll, type View, zoomed } from './view';

interface GraphCanvasProps {
  graph: Graph;
  revealed: Revealed;
  lit: Highlight;
  /** The selected entity. */
  selected: number | undefined;
  onNode: (node: StoryNode) => void;
  onEdge: (edge: StoryEdge) => void;
  onNothing: () => void;
}

/** The attack as a picture: computed once for the whole story, moved, zoomed and revealed. */
export function GraphCanvas({ graph, revealed, lit, selected, onNode, onEdge, onNothing }: GraphCanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const { layout, error, retry } = useLayout(graph);
  const nodes = useMemo(() => inOrder(graph.nodes), [graph]);
  const [moved, setMoved] = useState<{ of: Layout; view: View } | undefined>(undefined);
  const view =
    layout === undefined
      ? undefined
      : moved?.of === layout
        ? moved.view
        : opening(layout, size.width, size.height, startOf(layout, nodes));
  const setView = (next: View) => layout !== undefined && setMoved({ of: layout, view: next });
  const drag = useDrag(view, setView, onNothing);
  useWheel(frame, view, setView);

  // What is selected elsewhere, or plays now, is brought into view.
  const target = useMemo(
    () => graph.nodes.find((n) => selected !== undefined && entitiesOf(n).includes(selected))?.id,
    [graph, selected],
  );
  const focus = focusOf(target, lit, revealed);
  const seen = useRef('');
  useEffect(() => {
    const key = focus.join();
    if (key === seen.current || layout === undefined || view === undefined || size.width === 0) return;
    seen.current = key;
    const next = revealingAll(
      view,
      focus.flatMap((id) => layout.nodes.get(id) ?? []),
      size.width,
      size.height,
    );
    if (next !== view) setView(next);
  });

  const [pointed, setPointed] = useState<StoryEdge | undefined>(undefined);
  const [chosen, setChosen] = useState<StoryEdge | undefined>(undefined);
  // A chosen edge tells of itself as long as it is brought out.
  const told = pointed ?? (chosen !== undefined && lit.edges.has(chosen.id) ? chosen : undefined);
  const labels = useMemo(
    () =>
      layout === undefined
        ? []
        : placeLabels(
            graph.edges.filter((e) => lit.edges.has(e.id) && revealed.edges.has(e.id)),
            layout,
          ),
    [graph, layout, lit, revealed],
  );
  const nodeOf = (id: string) => graph.nodes.find((n) => n.id === id);

  const step = (from: StoryNode, key: string) => {
    const next = nearest(graph, layout, from, key, revealed.nodes);
    if (next === undefined || layout === undefined || view === undefined) return;
    const at = layout.nodes.get(next.id);
    if (at !== undefined) setView(revealing(view, at, size.width, size.height));
    frame.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next.id)}"]`)?.focus();
  };
  const zoom = (by: number) => view !== undefined && setView(zoomed(view, { x: size.width / 2, y: size.height / 2 }, by));

  return (
    <div ref={frame} className={styles.frame} data-graph={layout === undefined && error === undefined ? 'waiting' : 'drawn'}>
      {error !== undefined && <Failed error={error} what="graph" retry={retry} />}
      {layout === undefined && error === undefined && (
        <div className={styles.waiting} role="status">
          Drawing the graph…
        </div>
      )}
      {layout !== undefined && view !== undefined && size.width > 0 && (
        <svg className={styles.svg} role="group" aria-label="Attack graph" width={size.width} height={size.height} {...drag}>
          <Arrows />
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            <GraphEdges
              edges={graph.edges}
              layout={layout}
              shown={revealed.edges}
              lit={lit.edges}
              dim={lit.nodes !== undefined}
              onSelect={(edge) => {
                setChosen(edge);
                onEdge(edge);
              }}
              onPoint={setPointed}
            />
            {nodes.map((node) => {
              const at = layout.nodes.get(node.id);
              if (at === undefined || !revealed.nodes.has(node.id)) return null;
              return (
                <GraphNode
                  key={node.id}
                  node={node}
                  at={at}
                  selected={target === node.id}
                  dimmed={lit.nodes !== undefined && !lit.nodes.has(node.id)}
                  current={revealed.current.has(node.id)}
                  onSelect={() => onNode(node)}
                  onStep={(key) => step(node, key)}
                />
              );
            })}
            <EdgeLabels labels={labels} />
          </g>
        </svg>
      )}
      {told !== undefined && view !== undefined && (
        <EdgeCard
          edge={told}
          from={nodeOf(told.from)}
          to={nodeOf(told.to)}
          low={pointAt(layout?.edges.get(told.id) ?? [], 0.5).y * view.scale + view.y < size.height / 2}
        />
      )}
      {layout !== undefined && view !== undefined && size.width > 0 && (
        <Minimap nodes={nodes} layout={layout} view={view} width={size.width} height={size.height} onView={setView} />
      )}
      <div className={styles.zoom}>
        <ZoomButton name="Zoom in" icon={<ZoomIn20Regular />} onClick={() => zoom(1.25)} />
        <ZoomButton name="Zoom out" icon={<ZoomOut20Regular />} onClick={() => zoom(0.8)} />
        <ZoomButton
          name="Fit the whole graph"
          icon={<ZoomFit20Regular />}
          onClick={() => layout !== undefined && setView(fitted(layout, size.width, size.height))}
        />
      </div>
    </div>
  );
}

function ZoomButton({ name, icon, onClick }: { name: string; icon: React.ReactElement; onClick: () => void }) {
  return (
    <Tooltip content={name} relationship="label" positioning="before">
      <Button size="small" appearance="subtle" icon={icon} onClick={onClick} />
    </Tooltip>
  );
}

function useLayout(graph: Graph) {
  const [state, setState] = useState<{ layout?: Layout; error?: unknown }>({});
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again
  useEffect(() => {
    let stale = false;
    computeLayout(graph, layoutInput(graph)).then(
      (layout) => !stale && setState({ layout }),
      (error: unknown) => !stale && setState({ error }),
    );
    return () => {
      stale = true;
    };
  }, [graph, attempt]);
  return { ...state, retry: () => setAttempt((n) => n + 1) };
}

function useSize(frame: React.RefObject<HTMLDivElement | null>) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return size;
}

/** Dragging moves the picture; a click on the ground selects nothing. */
function useDrag(view: View | undefined, setView: (view: View) => void, onNothing: () => void) {
  const start = useRef<{ x: number; y: number; view: View; moved: boolean } | undefined>(undefined);
  return {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      if (view === undefined || event.button !== 0 || (event.target as Element).closest('[data-node]') !== null) return;
      start.current = { x: event.clientX, y: event.clientY, view, moved: false };
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      const from = start.current;
      if (from === undefined) return;
      const dx = event.clientX - from.x;
      const dy = event.clientY - from.y;
      if (!from.moved && Math.hypot(dx, dy) < 4) return;
      if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
      from.moved = true;
      setView({ ...from.view, x: from.view.x + dx, y: from.view.y + dy });
    },
    onPointerUp: (event: PointerEvent<SVGSVGElement>) => {
      const from = start.current;
      start.current = undefined;
      if (from !== undefined && !from.moved && event.target === event.currentTarget) onNothing();
    },
    onPointerCancel: () => {
      start.current = undefined;
    },
  };
}

/** The wheel zooms; React's own listener could not keep the page still. */
function useWheel(frame: React.RefObject<HTMLDivElement | null>, view: View | undefined, setView: (view: View) => void) {
  const latest = useRef({ view, setView });
  useEffect(() => {
    latest.current = { view, setView };
  });
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      const now = latest.current.view;
      if (now === undefined) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      latest.current.setView(
        zoomed(now, { x: event.clientX - box.left, y: event.clientY - box.top }, Math.exp(-event.deltaY * 0.0015)),
      );
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [frame]);
}

/** The nodes to look at: the selected one, those of the selected alert, or those that play. */
function focusOf(target: string | undefined, lit: Highlight, revealed: Revealed): string[] {
  if (target !== undefined) return [target];
  return [...(lit.nodes ?? revealed.current)];
}

/** Where the story begins: the first node to be seen. */
function startOf(layout: Layout, nodes: StoryNode[]) {
  const [first] = nodes;
  return first === undefined ? undefined : layout.nodes.get(first.id);
}

/** The next visible node in the direction of an arrow key. */
function nearest(
  graph: Graph,
  layout: Layout | undefined,
  from: StoryNode,
  key: string,
  visible: ReadonlySet<string>,
): StoryNode | undefined {
  const here = layout?.nodes.get(from.id);
  if (layout === undefined || here === undefined) return undefined;
  const dx = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
  const dy = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  let best: { node: StoryNode; cost: number } | undefined;
  for (const node of graph.nodes) {
    const at = layout.nodes.get(node.id);
    if (at === undefined || node.id === from.id || !visible.has(node.id)) continue;
    const along = (at.x - here.x) * dx + (at.y - here.y) * dy;
    const across = Math.abs((at.x - here.x) * dy) + Math.abs((at.y - here.y) * dx);
    if (along <= 1) continue;
    const cost = along + 2 * across;
    if (best === undefined || cost < best.cost) best = { node, cost };
  }
  return best?.node;
}
