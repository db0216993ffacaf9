import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { Problem } from '../api/client';
import { sessionQuery } from '../api/queries';
import { NotFound, PageError } from './Fallback';
import { lazyPage } from './lazyPage';
import { Shell } from './Shell';
import { parseSearch, type Search, stringifySearch } from './search';

interface Context {
  client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: PageError,
});

const asIs = (search: Record<string, unknown>): Search => search as Search;

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: asIs,
  component: lazyPage(() => import('../account/SignInPage'), 'SignInPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup/$secret',
  component: lazyPage(() => import('../account/SetupPage'), 'SetupPage'),
});

/** Everything behind the sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
      }
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/incidents', search: {} });
  },
});

const incidents = createRoute({
  getParentRoute: () => inside,
  path: '/incidents',
  validateSearch: asIs,
  component: lazyPage(() => import('../queue/IncidentQueuePage'), 'IncidentQueuePage'),
});

const incident = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/$id',
  validateSearch: asIs,
  component: lazyPage(() => import('../incident/IncidentPage'), 'IncidentPage'),
});

const alerts = createRoute({
  getParentRoute: () => inside,
  path: '/alerts',
  validateSearch: asIs,
  component: lazyPage(() => import('../alerts/AlertQueuePage'), 'AlertQueuePage'),
});

const alert = createRoute({
  getParentRoute: () => inside,
  path: '/alerts/$id',
  validateSearch: asIs,
  component: lazyPage(() => import('../alerts/AlertPage'), 'AlertPage'),
});

const assets = createRoute({
  getParentRoute: () => inside,
  path: '/assets',
  validateSearch: asIs,
  component: lazyPage(() => import('../entities/AssetsPage'), 'AssetsPage'),
});

const entity = createRoute({
  getParentRoute: () => inside,
  path: '/entities/$id',
  validateSearch: asIs,
  component: lazyPage(() => import('../entities/EntityPage'), 'EntityPage'),
});

const entityTimeline = createRoute({
  getParentRoute: () => inside,
  path: '/entities/$id/timeline',
  validateSearch: asIs,
  component: lazyPage(() => import('../hunting/EntityTimelinePage'), 'EntityTimelinePage'),
});

const hunting = createRoute({
  getParentRoute: () => inside,
  path: '/hunting',
  validateSearch: asIs,
  component: lazyPage(() => import('../hunting/HuntingPage'), 'HuntingPage'),
});

const sources = createRoute({
  getParentRoute: () => inside,
  path: '/sources',
  component: lazyPage(() => import('../sources/SourcesPage'), 'SourcesPage'),
});

const backtests = createRoute({
  getParentRoute: () => inside,
  path: '/backtests',
  validateSearch: asIs,
  component: lazyPage(() => import('../backtest/BacktestPage'), 'BacktestPage'),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  validateSearch: asIs,
  component: lazyPage(() => import('../settings/SettingsPage'), 'SettingsPage'),
});

const tree = root.addChildren([
  signIn,
  setup,
  inside.addChildren([
    home,
    incidents,
    incident,
    alerts,
    alert,
    hunting,
    assets,
    entity,
    entityTimeline,
    sources,
    backtests,
    settings,
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false,
  });
}
