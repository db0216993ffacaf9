package sql

import (
	"github.com/clew-sec/clew/kql/plan"
)

func (c *compiler) topNested(n *plan.TopNested) *rel {
	c.node = n
	return c.failed("the operator top-nested")
}

func (c *compiler) plugin(n *plan.Plugin) *rel {
	c.node = n
	return c.failed("the plugin " + n.Name)
}
