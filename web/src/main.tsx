import '@fontsource-variable/inter/wght.css';
import './app/global.css';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ActionProvider } from './actions/registry';
import { Problem } from './api/client';
import { sessionQuery } from './api/queries';
import { AppearanceProvider } from './app/appearance';
import { makeRouter } from './app/router';

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // A session that ended elsewhere leads to the sign-in page, once.
      if (error instanceof Problem && error.status === 401 && query.queryKey[0] !== 'session') {
        client.setQueryData(sessionQuery.queryKey, undefined);
        void router.invalidate();
      }
    },
  }),
  defaultOptions: {
    // The server may be in the same building: it can be there when the internet is not.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof Problem && error.passing,
    },
  },
});

const router = makeRouter(client);

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <AppearanceProvider>
          <ActionProvider>
            <RouterProvider router={router} />
          </ActionProvider>
        </AppearanceProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
