package main

import (
	"context"
	"time"

	"github.com/clew-sec/clew/app"
)

// commands is the command line. Field tags are the help texts.
type commands struct {
	Verbose bool `short:"v" help:"Log more, to standard error."`

	Serve      serveCmd      `cmd:"" help:"Run the whole product; the first start prints how to sign in."`
	Demo       demoCmd       `cmd:"" help:"Load a sample company with background noise and several attacks."`
	Import     importCmd     `cmd:"" help:"Read alerts or events from files into a data folder or a running server."`
	Inventory  inventoryCmd  `cmd:"" help:"Tell of users and devices."`
	Normalize  normalizeCmd  `cmd:"" help:"Print each payload as normal-form alerts, one a line; stores nothing."`
	Correlate  correlateCmd  `cmd:"" help:"Group the alerts of files into incidents, without a database."`
	Model      modelCmd      `cmd:"" help:"Measure, train and show the model that correlates."`
	Explain    explainCmd    `cmd:"" help:"Say why an alert or an incident's alerts are where they are."`
	Backtest   backtestCmd   `cmd:"" help:"Try other correlation settings on the past; nothing changes by it."`
	User       userCmd       `cmd:"" help:"List, add, change and remove users."`
	Token      tokenCmd      `cmd:"" help:"List, make and revoke API tokens."`
	Hunt       huntCmd       `cmd:"" help:"Run a query of the Kusto Query Language over the telemetry."`
	KQL        kqlCmd        `cmd:"" name:"kql" help:"Check, run and translate queries of the Kusto Query Language."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
	Completion completionCmd `cmd:"" help:"Print a completion script for a shell."`
}

// place says where the data lives.
type place struct {
	Data     string `help:"Data folder." default:"data" env:"CLEW_DATA" type:"path"`
	Database string `help:"PostgreSQL address (postgres://...) instead of the embedded database." env:"CLEW_DATABASE"`
}

func (p place) config(io app.IO) app.Config {
	return app.Config{Data: p.Data, Database: p.Database, Log: io.Logger()}
}

// engine is the place where alerts are correlated, and by what.
type engine struct {
	place
	Model string `help:"File of the model that correlates from now on; the built-in one when not named." type:"path" env:"CLEW_MODEL" placeholder:"FILE"`
}

func (e engine) config(io app.IO) app.Config {
	cfg := e.place.config(io)
	cfg.Model = e.Model
	return cfg
}

// events says where events are kept.
type events struct {
	Telemetry       string   `help:"Where events are kept: data (in the data folder), off, or the URL of a ClickHouse (https://user:password@host:8443)." default:"data" env:"CLEW_TELEMETRY"`
	TelemetryReader string   `help:"User of ClickHouse under whom queries run, one that only reads." env:"CLEW_TELEMETRY_READER" placeholder:"USER:PASSWORD"`
	TelemetryMemory int64    `help:"MiB of memory that the store of events in the data folder may use, at least 1024, or a query of ClickHouse." default:"1024" env:"CLEW_TELEMETRY_MEMORY"`
	SkipTables      []string `help:"Tables that are not kept; WindowsEvent tells what Event tells." default:"WindowsEvent" env:"CLEW_SKIP_TABLES" placeholder:"TABLE"`
}

func (e events) add(cfg *app.Config) {
	cfg.Telemetry, cfg.TelemetryMemory, cfg.TelemetryReader = e.Telemetry, e.TelemetryMemory<<20, e.TelemetryReader
	cfg.SkipTables = append([]string{}, e.SkipTables...)
}

type serveCmd struct {
	engine
	Listen  string `help:"Address to listen on." default:"127.0.0.1:8080" env:"CLEW_LISTEN"`
	URL     string `help:"Address under which people reach the portal, for links." env:"CLEW_URL"`
	TLSCert string `help:"TLS certificate file (PEM)." type:"path" env:"CLEW_TLS_CERT"`
	TLSKey  string `help:"TLS key file (PEM)." type:"path" env:"CLEW_TLS_KEY"`

	events
	Places         string         `help:"Database of places of addresses, in MMDB format, for geo_info_from_ip_address." type:"path" env:"CLEW_PLACES" placeholder:"FILE"`
	SyslogUDP      string         `help:"Address on which to take in syslog over UDP." placeholder:"ADDR" env:"CLEW_SYSLOG_UDP"`
	SyslogTCP      string         `help:"Address on which to take in syslog over TCP, by length or by line." placeholder:"ADDR" env:"CLEW_SYSLOG_TCP"`
	SyslogTLS      string         `help:"Address on which to take in syslog over TLS, with the certificate of the portal." placeholder:"ADDR" env:"CLEW_SYSLOG_TLS"`
	Retention      int            `help:"Days for which events are kept; 0 keeps them for good." default:"90" env:"CLEW_RETENTION"`
	TableRetention map[string]int `help:"Days for which the events of single tables are kept instead; separated by semicolons." env:"CLEW_TABLE_RETENTION" placeholder:"TABLE=DAYS"`

	ReadyOut string `help:"Write the address to this file once ready." type:"path" hidden:""`
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func (c *serveCmd) Run(ctx context.Context, io app.IO) error {
	cfg := c.config(io)
	cfg.Listen, cfg.URL, cfg.TLSCert, cfg.TLSKey = c.Listen, c.URL, c.TLSCert, c.TLSKey
	c.events.add(&cfg)
	cfg.Syslog = app.SyslogConfig{UDP: c.SyslogUDP, TCP: c.SyslogTCP, TLS: c.SyslogTLS}
	cfg.Retention, cfg.TableRetention = days(c.Retention), map[string]time.Duration{}
	for table, n := range c.TableRetention {
		cfg.TableRetention[table] = days(n)
	}
	cfg.Places = c.Places
	return app.Serve(ctx, cfg, io, c.ReadyOut)
}

type demoCmd struct {
	engine
	events
	Seed   uint64 `help:"The same seed gives the same company and attacks." default:"1"`
	Days   int    `help:"Days of history, ending now." default:"14"`
	Alerts int    `help:"Alerts in all." default:"5000"`
	Events int    `help:"Rows of raw events for hunting, about; at most 250000, 0 is none." default:"100000"`
	Out    string `help:"Write the alerts to this file (JSON lines, - for standard output) instead of loading them." type:"path"`
}

func (c *demoCmd) Run(ctx context.Context, io app.IO) error {
	cfg := c.config(io)
	c.events.add(&cfg)
	return app.Demo(ctx, cfg, io, app.DemoOptions{Seed: c.Seed, Days: c.Days, Alerts: c.Alerts, Events: c.Events, Out: c.Out})
}

type importCmd struct {
	engine
	events
	Server    string   `help:"Send to a running server instead of a data folder; the token is read from CLEW_TOKEN." placeholder:"URL"`
	Source    string   `help:"Format of the files; recognised when not named." placeholder:"NAME"`
	Workspace string   `help:"Workspace to load into." default:"default"`
	Events    bool     `help:"Read the files as events for hunting, also where they look like alerts."`
	Format    string   `help:"How to print the result." enum:"text,json" default:"text"`
	Files     []string `arg:"" help:"Files of alerts or events: JSON lines or arrays, XML of Windows, lines of syslog; plain, gz or zip; - is standard input."`
}

func (c *importCmd) Run(ctx context.Context, io app.IO) error {
	cfg := c.config(io)
	c.events.add(&cfg)
	return app.Import(ctx, cfg, io, app.ImportOptions{
		Server: c.Server, Source: c.Source, Workspace: c.Workspace, Events: c.Events, JSON: c.Format == "json", Files: c.Files,
	})
}

type inventoryCmd struct {
	Import inventoryImportCmd `cmd:"" help:"Read users and devices from CSV or JSON files into a data folder or a running server."`
}

type inventoryImportCmd struct {
	engine
	Server    string   `help:"Send to a running server instead of a data folder; the token is read from CLEW_TOKEN." placeholder:"URL"`
	Workspace string   `help:"Workspace." default:"default"`
	Replace   bool     `help:"Forget the inventory that is held first."`
	Format    string   `help:"How to print the result." enum:"text,json" default:"text"`
	Files     []string `arg:"" help:"Files: CSV or JSON, plain or gz; - is standard input."`
}

func (c *inventoryImportCmd) Run(ctx context.Context, io app.IO) error {
	return app.ImportInventory(ctx, c.config(io), io, app.InventoryOptions{
		Server: c.Server, Workspace: c.Workspace, Replace: c.Replace, JSON: c.Format == "json", Files: c.Files,
	})
}

type normalizeCmd struct {
	Source string   `help:"Format of the files; recognised when not named." placeholder:"NAME"`
	Files  []string `arg:"" help:"Files; - is standard input."`
}

func (c *normalizeCmd) Run(ctx context.Context, io app.IO) error {
	return app.Normalize(ctx, io, app.NormalizeOptions{Source: c.Source, Files: c.Files})
}

type correlateCmd struct {
	In        []string `required:"" help:"Alert files in order of arrival: normal form or labelled lines; - is standard input." placeholder:"FILE"`
	Inventory []string `help:"Inventory files (users and devices, CSV or JSON) that are known from the start." placeholder:"FILE"`
	Out       string   `help:"Where to write the assignment." default:"-" placeholder:"FILE"`
	Source    string   `help:"Format of the files; recognised when not named." placeholder:"NAME"`
	Explain   bool     `help:"Print each alert's link too."`
}

func (c *correlateCmd) Run(ctx context.Context, io app.IO) error {
	return app.Correlate(ctx, io, app.CorrelateOptions{In: c.In, Inventory: c.Inventory, Out: c.Out, Source: c.Source, Explain: c.Explain})
}

type explainCmd struct {
	place
	Workspace string `help:"Workspace." default:"default"`
	Format    string `help:"How to print." enum:"text,json" default:"text"`
	What      string `arg:"" help:"An alert id, or an incident number (12 or #12)."`
}

func (c *explainCmd) Run(ctx context.Context, io app.IO) error {
	return app.Explain(ctx, c.config(io), io, app.ExplainOptions{Workspace: c.Workspace, What: c.What, JSON: c.Format == "json"})
}

type backtestCmd struct {
	place
	InForce   string   `help:"File of the model that the server starts with; the built-in one when not named." type:"path" env:"CLEW_MODEL" placeholder:"FILE"`
	Model     string   `help:"File of the model to try. With --server, the number of one that it keeps." placeholder:"FILE"`
	Server    string   `help:"Ask a running server instead of a data folder; the token is read from CLEW_TOKEN." placeholder:"URL"`
	Workspace string   `help:"Workspace." default:"default"`
	Days      int      `help:"How much of the past, counted from the newest alert." default:"14"`
	Settings  string   `help:"File of proposed settings (JSON, as GET /correlation/settings gives them); those in force when not given." type:"existingfile"`
	Join      float64  `help:"Added to the log-odds from which an alert joins an incident: above 0 joins less."`
	Merge     float64  `help:"Added to the log-odds from which two incidents are merged: above 0 merges less."`
	Disable   []string `help:"Rules to exclude from correlation." placeholder:"RULE" sep:"none"`
	Exclude   []string `help:"Identifiers by which nothing may be linked." placeholder:"VALUE"`
	Format    string   `help:"How to print." enum:"text,json" default:"text"`
}

func (c *backtestCmd) Run(ctx context.Context, io app.IO) error {
	cfg := c.config(io)
	cfg.Model = c.InForce
	return app.Backtest(ctx, cfg, io, app.BacktestOptions{
		Server: c.Server, Model: c.Model, Workspace: c.Workspace, Days: c.Days, Settings: c.Settings, Join: c.Join, Merge: c.Merge,
		Disable: c.Disable, Exclude: c.Exclude, JSON: c.Format == "json",
	})
}

type userCmd struct {
	List   userListCmd   `cmd:"" help:"List users."`
	Add    userAddCmd    `cmd:"" help:"Add a user and print a one-time link to set the password."`
	Reset  userResetCmd  `cmd:"" help:"Print a one-time link to set a new password."`
	Remove userRemoveCmd `cmd:"" help:"Remove a user, with sessions and tokens."`
}

type userListCmd struct {
	place
	Format string `help:"How to print." enum:"text,json" default:"text"`
}

func (c *userListCmd) Run(ctx context.Context, io app.IO) error {
	return app.ListUsers(ctx, c.config(io), io, c.Format == "json")
}

type userAddCmd struct {
	place
	Role string `help:"Role." enum:"viewer,analyst,admin" default:"analyst"`
	Name string `arg:"" help:"User name."`
}

func (c *userAddCmd) Run(ctx context.Context, io app.IO) error {
	return app.AddUser(ctx, c.config(io), io, c.Name, c.Role)
}

type userResetCmd struct {
	place
	Name string `arg:"" help:"User name."`
}

func (c *userResetCmd) Run(ctx context.Context, io app.IO) error {
	return app.ResetUser(ctx, c.config(io), io, c.Name)
}

type userRemoveCmd struct {
	place
	Name string `arg:"" help:"User name."`
}

func (c *userRemoveCmd) Run(ctx context.Context, io app.IO) error {
	return app.RemoveUser(ctx, c.config(io), io, c.Name)
}

type tokenCmd struct {
	List   tokenListCmd   `cmd:"" help:"List tokens."`
	Add    tokenAddCmd    `cmd:"" help:"Make a token; its secret is printed once."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token."`
}

type tokenListCmd struct {
	place
	Format string `help:"How to print." enum:"text,json" default:"text"`
}

func (c *tokenListCmd) Run(ctx context.Context, io app.IO) error {
	return app.ListTokens(ctx, c.config(io), io, c.Format == "json")
}

type tokenAddCmd struct {
	place
	User    string        `help:"The user in whose name it acts; nobody when empty."`
	Scopes  []string      `help:"What it may do: ingest, read, write, admin." default:"ingest"`
	Expires time.Duration `help:"How long it lives; 0 for no end." default:"0"`
	Name    string        `arg:"" help:"What it is for."`
}

func (c *tokenAddCmd) Run(ctx context.Context, io app.IO) error {
	return app.AddToken(ctx, c.config(io), io, app.TokenOptions{Name: c.Name, User: c.User, Scopes: c.Scopes, Expires: c.Expires})
}

type tokenRevokeCmd struct {
	place
	ID string `arg:"" help:"The token's id, as listed."`
}

func (c *tokenRevokeCmd) Run(ctx context.Context, io app.IO) error {
	return app.RevokeToken(ctx, c.config(io), io, c.ID)
}

type versionCmd struct{}

func (versionCmd) Run(io app.IO) error { return app.PrintVersion(io) }
