package clickhouse

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clew-sec/clew/telemetry"
)

// client speaks ClickHouse's HTTP interface.
type client struct {
	base           string
	user, password string
	http           *http.Client
}

func newClient(address string) *client {
	u, _ := url.Parse(address) // checked by Options.complete
	c := &client{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	if u.User != nil {
		c.user = u.User.Username()
		c.password, _ = u.User.Password()
		u.User = nil
	}
	c.base = strings.TrimRight(u.String(), "/") + "/"
	return c
}

func (c *client) close() { c.http.CloseIdleConnections() }

// Codes of ClickHouse's exceptions.
const (
	codeUnknownTable    = 60
	codeUnknownDatabase = 81
	codeTimeout         = 159
	codeTooSlow         = 160
	codeTooManyQueries  = 202
	codeMemory          = 241
	codeTooManyParts    = 252
	codeRowsOrBytes     = 396
)

// serverError is an exception of the server.
type serverError struct {
	code    int
	message string
}

func (e *serverError) Error() string { return e.message }

// Is tells the errors of the contract.
func (e *serverError) Is(target error) bool {
	return target == telemetry.ErrBusy && (e.code == codeTooManyParts || e.code == codeTooManyQueries)
}

// maxMessage is how much of an exception is read, in bytes.
const maxMessage = 16 << 10

// post sends a statement in the body, or a statement with data.
func (c *client) post(ctx context.Context, sql string, settings url.Values, data io.Reader) (*http.Response, error) {
	q := url.Values{}
	for k, v := range settings {
		q[k] = v
	}
	body := io.Reader(strings.NewReader(sql))
	if data != nil {
		q.Set("query", sql)
		body = data
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"?"+q.Encode(), body)
	if err != nil {
		return nil, err
	}
	if c.user != "" {
		req.Header.Set("X-ClickHouse-User", c.user)
		req.Header.Set("X-ClickHouse-Key", c.password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("reaching ClickHouse: %w", err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-ClickHouse-Exception-Code") != "" {
		defer resp.Body.Close()
		return nil, exception(resp)
	}
	return resp, nil
}

func exception(resp *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	e := &serverError{message: string(bytes.ToValidUTF8(bytes.TrimSpace(text), []byte("\uFFFD")))}
	e.code, _ = strconv.Atoi(resp.Header.Get("X-ClickHouse-Exception-Code"))
	if e.message == "" {
		e.message = "ClickHouse answered " + resp.Status
	}
	return e
}

// exec runs a statement and drops its result.
func (c *client) exec(ctx context.Context, sql string, settings url.Values) error {
	resp, err := c.post(ctx, sql, settings, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// insert sends rows in RowBinary.
func (c *client) insert(ctx context.Context, sql string, settings url.Values, rows []byte) error {
	resp, err := c.post(ctx, sql, settings, bytes.NewReader(rows))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// always are the settings of every SELECT.
var always = map[string]string{
	"default_format": "Native", "readonly": "2", "cancel_http_readonly_queries_on_client_close": "1",
	"join_use_nulls": "1", "low_cardinality_allow_in_native_format": "0", "session_timezone": "UTC",
}

// query runs a SELECT.
func (c *client) query(ctx context.Context, sql string, settings url.Values) (*blocks, error) {
	all := url.Values{}
	for k, v := range always {
		all.Set(k, v)
	}
	for k, v := range settings {
		all[k] = v
	}
	resp, err := c.post(ctx, sql, all, nil)
	if err != nil {
		return nil, err
	}
	return &blocks{ctx: ctx, body: resp.Body, r: bufio.NewReaderSize(resp.Body, 256<<10)}, nil
}
