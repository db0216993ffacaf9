package main

import (
	"context"

	"github.com/clew-sec/clew/app"
)

type kqlCmd struct {
	Check kqlCheckCmd `cmd:"" help:"Judge the syntax and the semantics of many queries."`
	Run   kqlRunCmd   `cmd:"" help:"Run self-contained queries, which read no stored tables."`
	Fmt   kqlFmtCmd   `cmd:"" help:"Lay a query out anew."`
	SQL   kqlSQLCmd   `cmd:"" help:"Show the SQL of a query, and what is finished in memory."`
}

type kqlFiles struct {
	In  string `required:"" help:"Queries, one JSON object a line with id and query; - is standard input." placeholder:"FILE"`
	Out string `help:"Where to write the answers, one JSON object a line." default:"-" placeholder:"FILE"`
}

type kqlCheckCmd struct{ kqlFiles }

func (c *kqlCheckCmd) Run(ctx context.Context, io app.IO) error {
	return app.KQLCheck(ctx, io, app.KQLFiles{In: c.In, Out: c.Out})
}

type kqlRunCmd struct {
	kqlFiles
	Engine string `help:"Engine to run on. ClickHouse runs as a library, found by CLEW_CHDB or in tools/chdb." enum:"duckdb,clickhouse" default:"duckdb"`
}

func (c *kqlRunCmd) Run(ctx context.Context, io app.IO) error {
	return app.KQLRun(ctx, io, app.KQLFiles{In: c.In, Out: c.Out}, c.Engine)
}

type kqlSQLCmd struct {
	Dialect string `help:"Dialect of SQL." enum:"duckdb,clickhouse" default:"duckdb"`
	Query   string `arg:"" help:"The query."`
}

func (c *kqlSQLCmd) Run(ctx context.Context, io app.IO) error {
	return app.KQLSQL(ctx, io, c.Dialect, c.Query)
}

type kqlFmtCmd struct {
	File  string `help:"File that holds the query; - is standard input." placeholder:"FILE"`
	Query string `arg:"" optional:"" help:"The query."`
}

func (c *kqlFmtCmd) Run(io app.IO) error { return app.KQLFormat(io, c.Query, c.File) }

type huntCmd struct {
	place
	Telemetry string `help:"Where events are kept: data (in the data folder), or the URL of a ClickHouse." default:"data" env:"CLEW_TELEMETRY"`
	Reader    string `name:"telemetry-reader" help:"User of ClickHouse under whom queries run, one that only reads." env:"CLEW_TELEMETRY_READER" placeholder:"USER:PASSWORD"`
	Server    string `help:"Ask a running server instead of a data folder; the token is read from CLEW_TOKEN." placeholder:"URL"`
	Workspace string `help:"Workspace." default:"default"`
	Format    string `help:"How to print the rows." enum:"table,json,csv" default:"table"`
	Rows      int    `help:"Rows to print at most." default:"30000"`
	File      string `help:"File that holds the query; - is standard input." placeholder:"FILE"`
	Query     string `arg:"" optional:"" help:"The query."`
}

func (c *huntCmd) Run(ctx context.Context, io app.IO) error {
	cfg := c.config(io)
	cfg.Telemetry, cfg.TelemetryReader = c.Telemetry, c.Reader
	return app.Hunt(ctx, cfg, io, app.HuntOptions{
		Server: c.Server, Workspace: c.Workspace, Format: c.Format, Rows: c.Rows, File: c.File, Query: c.Query,
	})
}
