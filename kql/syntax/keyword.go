package syntax

import (
	"maps"
	"slices"
	"strings"
)

// word numbers the keywords. Zero is no keyword.
type word uint8

// The keywords that the parser looks for.
const (
	noWord word = iota
	wordAccess
	wordAlias
	wordAnd
	wordAs
	wordAsc
	wordAssertSchema
	wordBetween
	wordBin
	wordBool
	wordBoolean
	wordBy
	wordConsume
	wordContains
	wordContainsCS
	wordContainscs
	wordContextualDatatable
	wordCount
	wordDatabase
	wordDatascope
	wordDatatable
	wordDate
	wordDatetime
	wordDecimal
	wordDeclare
	wordDefault
	wordDesc
	wordDistinct
	wordDouble
	wordDynamic
	wordEdges
	wordEndswith
	wordEndswithCS
	wordEntityGroup
	wordEvaluate
	wordExecuteAndCache
	wordExtend
	wordExternalData
	wordExternaldata
	wordFacet
	wordFilter
	wordFind
	wordFirst
	wordFloat
	wordFork
	wordFrom
	wordGetschema
	wordGrannyAsc
	wordGrannyDesc
	wordGraphMarkComponents
	wordGraphMatch
	wordGraphShortestPaths
	wordGraphToTable
	wordGraphWhereEdges
	wordGraphWhereNodes
	wordGuid
	wordHas
	wordHasAll
	wordHasAny
	wordHasCS
	wordHasprefix
	wordHasprefixCS
	wordHassuffix
	wordHassuffixCS
	wordID
	wordIn
	wordInCI
	wordInlineExternal
	wordInt
	wordInt16
	wordInt32
	wordInt64
	wordInt8
	wordInvoke
	wordJoin
	wordKind
	wordLast
	wordLet
	wordLike
	wordLikeCS
	wordLimit
	wordLong
	wordLookup
	wordMacroExpand
	wordMakeGraph
	wordMakeSeries
	wordMatchesRegex
	wordMaterialize
	wordMvApply
	wordMvExpand
	wordMvapply
	wordMvexpand
	wordNodes
	wordNooptimization
	wordNotBetween
	wordNotContains
	wordNotContainsCS
	wordNotEndswith
	wordNotEndswithCS
	wordNotHas
	wordNotHasCS
	wordNotHasprefix
	wordNotHasprefixCS
	wordNotHassuffix
	wordNotHassuffixCS
	wordNotIn
	wordNotInCI
	wordNotStartswith
	wordNotStartswithCS
	wordNotcontains
	wordNotcontainscs
	wordNotlike
	wordNotlikecs
	wordNull
	wordNulls
	wordOf
	wordOn
	wordOptional
	wordOr
	wordOrder
	wordOthers
	wordOutput
	wordPack
	wordParse
	wordParseKV
	wordParseWhere
	wordPartition
	wordPartitionBy
	wordPartitionedBy
	wordPattern
	wordPrint
	wordProject
	wordProjectAway
	wordProjectAwayLegacy
	wordProjectByNames
	wordProjectKeep
	wordProjectRename
	wordProjectReorder
	wordProjectSmart
	wordQueryParameters
	wordRange
	wordReal
	wordReduce
	wordRelaxed
	wordRender
	wordRestrict
	wordSample
	wordSampleDistinct
	wordScan
	wordSearch
	wordSerialize
	wordSet
	wordSimple
	wordSort
	wordStartswith
	wordStartswithCS
	wordStep
	wordString
	wordSummarize
	wordTake
	wordTime
	wordTimespan
	wordTo
	wordTop
	wordTopHitters
	wordTopNested
	wordToscalar
	wordTotable
	wordTypeof
	wordUint
	wordUint16
	wordUint32
	wordUint64
	wordUint8
	wordUlong
	wordUnion
	wordUniqueid
	wordUuid
	wordView
	wordWhere
	wordWith
	wordWithNodeID
	wordWithSource
	wordWithsource
	wordParameter        // a known parameter of operators, such as hint.strategy
	wordReserved         // any other word that is no name
	wordReservedExtended // the same, but a name before an equals sign
	wordName             // any other word that is a name everywhere
)

// keywords spells the words.
var keywords = map[string]word{
	"access": wordAccess, "alias": wordAlias, "and": wordAnd, "as": wordAs, "asc": wordAsc, "assert-schema": wordAssertSchema,
	"between": wordBetween, "bin": wordBin, "bool": wordBool, "boolean": wordBoolean, "by": wordBy, "consume": wordConsume,
	"contains": wordContains, "contains_cs": wordContainsCS, "containscs": wordContainscs,
	"__contextual_datatable": wordContextualDatatable, "count": wordCount, "database": wordDatabase, "datascope": wordDatascope,
	"datatable": wordDatatable, "date": wordDate, "datetime": wordDatetime, "decimal": wordDecimal, "declare": wordDeclare,
	"default": wordDefault, "desc": wordDesc, "distinct": wordDistinct, "double": wordDouble, "dynamic": wordDynamic,
	"edges": wordEdges, "endswith": wordEndswith, "endswith_cs": wordEndswithCS, "entity_group": wordEntityGroup,
	"evaluate": wordEvaluate, "__executeAndCache": wordExecuteAndCache, "extend": wordExtend, "external_data": wordExternalData,
	"externaldata": wordExternaldata, "facet": wordFacet, "filter": wordFilter, "find": wordFind, "first": wordFirst, "float": wordFloat,
	"fork": wordFork, "from": wordFrom, "getschema": wordGetschema, "granny-asc": wordGrannyAsc, "granny-desc": wordGrannyDesc,
	"graph-mark-components": wordGraphMarkComponents, "graph-match": wordGraphMatch, "graph-shortest-paths": wordGraphShortestPaths,
	"graph-to-table": wordGraphToTable, "graph-where-edges": wordGraphWhereEdges, "graph-where-nodes": wordGraphWhereNodes,
	"guid": wordGuid, "has": wordHas, "has_all": wordHasAll, "has_any": wordHasAny, "has_cs": wordHasCS, "hasprefix": wordHasprefix,
	"hasprefix_cs": wordHasprefixCS, "hassuffix": wordHassuffix, "hassuffix_cs": wordHassuffixCS, "id": wordID, "in": wordIn,
	"in~": wordInCI, "inline_external_table": wordInlineExternal, "int": wordInt, "int16": wordInt16, "int32": wordInt32, "int64": wordInt64, "int8": wordInt8,
	"invoke": wordInvoke, "join": wordJoin, "kind": wordKind, "last": wordLast, "let": wordLet, "like": wordLike, "likecs": wordLikeCS,
	"limit": wordLimit, "long": wordLong, "lookup": wordLookup, "macro-expand": wordMacroExpand, "make-graph": wordMakeGraph,
	"make-series": wordMakeSeries, "matches regex": wordMatchesRegex, "materialize": wordMaterialize, "mv-apply": wordMvApply,
	"mv-expand": wordMvExpand, "mvapply": wordMvapply, "mvexpand": wordMvexpand, "nodes": wordNodes,
	"nooptimization": wordNooptimization, "!between": wordNotBetween, "!contains": wordNotContains,
	"!contains_cs": wordNotContainsCS, "!endswith": wordNotEndswith, "!endswith_cs": wordNotEndswithCS, "!has": wordNotHas,
	"!has_cs": wordNotHasCS, "!hasprefix": wordNotHasprefix, "!hasprefix_cs": wordNotHasprefixCS, "!hassuffix": wordNotHassuffix,
	"!hassuffix_cs": wordNotHassuffixCS, "!in": wordNotIn, "!in~": wordNotInCI, "!startswith": wordNotStartswith,
	"!startswith_cs": wordNotStartswithCS, "notcontains": wordNotcontains, "notcontainscs": wordNotcontainscs,
	"notlike": wordNotlike, "notlikecs": wordNotlikecs, "null": wordNull, "nulls": wordNulls, "of": wordOf, "on": wordOn,
	"optional": wordOptional, "or": wordOr, "order": wordOrder, "others": wordOthers, "output": wordOutput, "pack": wordPack,
	"parse": wordParse, "parse-kv": wordParseKV, "parse-where": wordParseWhere, "partition": wordPartition,
	"__partitionby": wordPartitionBy, "partitioned-by": wordPartitionedBy, "pattern": wordPattern, "print": wordPrint,
	"project": wordProject, "project-away": wordProjectAway, "__projectAway": wordProjectAwayLegacy,
	"project-by-names": wordProjectByNames, "project-keep": wordProjectKeep, "project-rename": wordProjectRename,
	"project-reorder": wordProjectReorder, "project-smart": wordProjectSmart, "query_parameters": wordQueryParameters,
	"range": wordRange, "real": wordReal, "reduce": wordReduce, "relaxed": wordRelaxed, "render": wordRender,
	"restrict": wordRestrict, "sample": wordSample, "sample-distinct": wordSampleDistinct, "scan": wordScan, "search": wordSearch,
	"serialize": wordSerialize, "set": wordSet, "simple": wordSimple, "sort": wordSort, "startswith": wordStartswith,
	"startswith_cs": wordStartswithCS, "step": wordStep, "string": wordString, "summarize": wordSummarize, "take": wordTake,
	"time": wordTime, "timespan": wordTimespan, "to": wordTo, "top": wordTop, "top-hitters": wordTopHitters,
	"top-nested": wordTopNested, "toscalar": wordToscalar, "totable": wordTotable, "typeof": wordTypeof, "uint": wordUint,
	"uint16": wordUint16, "uint32": wordUint32, "uint64": wordUint64, "uint8": wordUint8, "ulong": wordUlong, "union": wordUnion,
	"uniqueid": wordUniqueid, "uuid": wordUuid, "view": wordView, "where": wordWhere, "with": wordWith,
	"with_node_id": wordWithNodeID, "with_source": wordWithSource, "withsource": wordWithsource,
}

// otherWords are keywords that no rule of the parser looks for, but which are
// not names everywhere.
var otherWords = []struct {
	as    word
	words []string
}{
	{wordName, []string{"dataformat", "datetime_pattern", "best_effort", "plotly", "graph", "regex"}},
	{wordReservedExtended, []string{"accumulate", "earliest", "latest", "mdm", "sql", "title", "verbose", "viewers"}},
	{wordParameter, []string{"__crossCluster", "__crossDB", "__id", "__isFuzzy", "__noWithSource", "__packedColumn",
		"__sourceColumnIndex", "bagexpansion", "bin_legacy", "cycles", "decodeblocks", "expandoutput", "force_remote", "isfuzzy",
		"with_itemindex", "with_match_id", "with_step_name", "hint.concurrency", "hint.distribution", "hint.materialized",
		"hint.num_partitions", "hint.pass_filters", "hint.pass_filters_column", "hint.progressive_top", "hint.remote",
		"hint.shufflekey", "hint.spread", "hint.strategy"}},
	{wordReserved, []string{"3Dchart", "anomalychart", "areachart", "barchart", "byte", "cachingpolicy", "callout", "cancel", "card",
		"char", "columnchart", "commands-and-queries", "dataexport", "encodingpolicy", "extent_tags_retention", "flags",
		"harddelete", "hardretention", "hotcache", "journal", "ladderchart", "linechart", "materialized-view-combine",
		"materialized-views", "missing", "pathformat", "piechart", "pivotchart", "queries", "query_results",
		"restricted_view_access", "row_level_security", "rowstore", "rowstore_references", "rowstore_sealinfo", "rowstorepolicy",
		"rowstores", "scatterchart", "seal", "seals", "set-or-append", "set-or-replace", "shards", "softdelete", "softretention",
		"stackedareachart", "statistics", "storedqueryresultcontainers", "tablepurge", "timechart", "timeline", "timepivot",
		"treemap", "unrestrictedviewers", "views", "writeaheadlog"}},
}

// nameWords are the keywords that are names wherever a name is expected, and
// extendedWords those that are names before an equals sign, a colon or in a
// wildcard as well.
var nameWords, extendedWords = wordSets()

func wordSets() (names, extended [256]bool) {
	for _, list := range otherWords {
		for _, w := range list.words {
			keywords[w] = list.as
		}
	}
	for _, w := range []word{wordAccess, wordAlias, wordBin, wordConsume, wordCount, wordDatabase, wordDeclare, wordDefault,
		wordDistinct, wordEdges, wordEntityGroup, wordEvaluate, wordExtend, wordFacet, wordFilter, wordFork, wordFrom,
		wordGetschema, wordID, wordInlineExternal, wordJoin, wordLet, wordLimit, wordLookup, wordMvapply, wordMvexpand, wordNodes, wordNull, wordNulls,
		wordOn, wordOptional, wordOrder, wordOutput, wordPack, wordParse, wordPartitionBy, wordPartition, wordPattern,
		wordQueryParameters, wordRange, wordReduce, wordRender, wordRestrict, wordScan, wordSerialize, wordSort, wordStep,
		wordSummarize, wordTake, wordTop, wordTypeof, wordView, wordWith, wordWithNodeID, wordBool, wordGuid, wordUuid, wordName} {
		names[w], extended[w] = true, true
	}
	for _, w := range []word{wordAs, wordBy, wordContains, wordDatatable, wordExternaldata, wordFind, wordHas, wordIn, wordInvoke,
		wordMaterialize, wordOf, wordPrint, wordSample, wordSampleDistinct, wordSearch, wordSet, wordTo, wordTopHitters,
		wordTopNested, wordToscalar, wordTotable, wordWhere, wordReservedExtended} {
		extended[w] = true
	}
	return names, extended
}

// longKeywords are the keywords with a hyphen, dot or space in them, by their
// first part, the longest first.
var longKeywords = groupLongKeywords()

// isLongHead tells the words that longKeywords holds, faster than the map.
func isLongHead(name string) bool {
	switch name {
	case "assert", "commands", "granny", "graph", "hint", "macro", "make", "matches", "materialized", "mv", "parse", "partitioned",
		"project", "sample", "set", "top":
		return true
	}
	return false
}

func groupLongKeywords() map[string][]string {
	out := map[string][]string{}
	all := slices.Collect(maps.Keys(keywords))
	for _, list := range otherWords {
		all = append(all, list.words...)
	}
	slices.Sort(all)
	for _, w := range slices.Compact(all) {
		if i := strings.IndexAny(w, "-. "); i > 0 {
			out[w[:i]] = append(out[w[:i]], w)
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	}
	return out
}

// typedLiterals are the words that begin a literal when a bracket follows at
// once.
var typedLiterals = map[word]bool{
	wordLong: true, wordInt64: true, wordInt: true, wordInt32: true, wordReal: true, wordDouble: true, wordDecimal: true,
	wordBool: true, wordDatetime: true, wordDate: true, wordTime: true, wordTimespan: true, wordGuid: true,
}

// declaredTypes are the type names that schemas and parameters take.
var declaredTypes = map[word]bool{
	wordBool: true, wordBoolean: true, wordDate: true, wordDatetime: true, wordDecimal: true, wordDouble: true, wordDynamic: true,
	wordGuid: true, wordInt: true, wordInt64: true, wordInt8: true, wordLong: true, wordReal: true, wordString: true,
	wordTime: true, wordTimespan: true, wordUniqueid: true,
}

// furtherTypes are the type names that typeof and find take beside these.
var furtherTypes = map[word]bool{
	wordFloat: true, wordInt16: true, wordInt32: true, wordUint: true, wordUint16: true, wordUint32: true, wordUint64: true,
	wordUint8: true, wordUlong: true,
}
