"""The glue: settings, processes, middleware. What the product knows lives in `tickets`."""
