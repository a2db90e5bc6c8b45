"""Our doors against the real thing behind them: a browser, a broker, D-Bus, a database."""
