package clickhouse

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-sec/clew/telemetry"
)

// client speaks ClickHouse's HTTP interface.
type client struct {
	base           string
	writer, reader account
	http           *http.Client
}

// account is a user of the server. Passwords go into headers, never into URLs,
// which errors name.
type account struct{ user, password string }

func accountOf(u *url.Userinfo) account {
	if u == nil {
		return account{}
	}
	password, _ := u.Password()
	return account{u.Username(), password}
}

// Times after which a server that does not answer is given up.
const (
	dialTime      = 10 * time.Second
	handshakeTime = 10 * time.Second
)

// newClient speaks to the server of a URL that Options.complete has checked.
// Answers that lead elsewhere are not followed: the headers hold the password.
func newClient(address *url.URL, reader *url.Userinfo) *client {
	dial := &net.Dialer{Timeout: dialTime}
	c := &client{writer: accountOf(address.User), http: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32, DialContext: dial.DialContext, TLSHandshakeTimeout: handshakeTime, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	c.reader = c.writer
	if reader != nil {
		c.reader = accountOf(reader)
	}
	bare := *address
	bare.User = nil
	c.base = strings.TrimRight(bare.String(), "/") + "/"
	return c
}

func (c *client) close() { c.http.CloseIdleConnections() }

// Codes of ClickHouse's exceptions.
const (
	codeUnknownTable    = 60
	codeUnknownDatabase = 81
	codeTooManyRows     = 158
	codeTimeout         = 159
	codeTooSlow         = 160
	codeTooManyQueries  = 202
	codeMemory          = 241
	codeNoSpace         = 243
	codeTooManyParts    = 252
	codeTooManyBytes    = 307
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

// before tells whether the server says so before it begins with anything.
func (e *serverError) before() bool {
	return e != nil && slices.Contains([]int{codeUnknownTable, codeUnknownDatabase, codeTooManyQueries, codeTooManyParts}, e.code)
}

// maxMessage is how much of an exception is read, in bytes.
const maxMessage = 16 << 10

// post sends a statement in the body, or a statement with data.
func (c *client) post(ctx context.Context, as account, sql string, settings url.Values, data io.Reader) (*http.Response, error) {
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
	if as.user != "" {
		req.Header.Set("X-ClickHouse-User", as.user)
		req.Header.Set("X-ClickHouse-Key", as.password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("reaching ClickHouse: %w", withoutURL(err))
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("X-ClickHouse-Exception-Code") != "" {
		defer resp.Body.Close()
		return nil, exception(resp)
	}
	return resp, nil
}

// withoutURL is an error of HTTP without the address, which has the statement in
// it.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
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
	resp, err := c.post(ctx, c.writer, sql, settings, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// insert sends rows in RowBinary.
func (c *client) insert(ctx context.Context, sql string, settings url.Values, rows []byte) error {
	resp, err := c.post(ctx, c.writer, sql, settings, bytes.NewReader(rows))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// always are the settings of every SELECT. Statements are made by the compiler of
// the query language, which bounds their size (sql.MaxText): what the server
// would bound by itself is less than it makes.
var always = map[string]string{
	"max_query_size": "16777216", "max_ast_elements": "2000000", "max_expanded_ast_elements": "4000000",
	"max_ast_depth": "10000", "max_parser_depth": "10000", "max_parser_backtracks": "10000000",
	"default_format": "Native", "readonly": "2", "cancel_http_readonly_queries_on_client_close": "1",
	"join_use_nulls": "1", "low_cardinality_allow_in_native_format": "0", "session_timezone": "UTC",
}

// query runs a SELECT as a user.
func (c *client) query(ctx context.Context, as account, sql string, settings url.Values) (*blocks, error) {
	all := url.Values{}
	for k, v := range always {
		all.Set(k, v)
	}
	for k, v := range settings {
		all[k] = v
	}
	resp, err := c.post(ctx, as, sql, all, nil)
	if err != nil {
		return nil, err
	}
	return &blocks{ctx: ctx, body: resp.Body, r: bufio.NewReaderSize(resp.Body, 256<<10)}, nil
}
