/** Filters, orders and searches that were never meant to be answered, or only just: values of query options as in a URL. */

const times = (count: number, text: string) => text.repeat(count)
const nested = (count: number, before: string, inner: string, after: string) => times(count, before) + inner + times(count, after)
const chain = (count: number, part: string, word: string) => Array.from({ length: count }, () => part).join(word)

// biome-ignore format: lists
export const hostileFilters: readonly string[] = [
  ...[1, 30, 60, 63, 64, 65, 4000].flatMap((deep) => [
    nested(deep, '(', 'true', ')'),
    nested(deep, 'not(', 'accountEnabled', ')'),
    `${times(deep, 'not+')}true`,
    `${nested(deep, 'trim(', 'displayName', ')')}+eq+'x'`,
    `${nested(deep, 'tolower(', 'displayName', ')')}+eq+'x'`,
    `${nested(deep, "concat('a',", 'displayName', ')')}+eq+'x'`,
    `endswith(${nested(deep, 'trim(', 'displayName', ')')},'x')`,
  ]),
  // What is written down twice for each level is written down without end.
  ...[8, 20, 30, 31, 32, 60].flatMap((deep) => [
    `${nested(deep, 'substring(displayName,indexof(', 'displayName', ",'a'))")}+eq+'x'`,
    `${nested(deep, 'substring(displayName,0,length(', 'displayName', '))')}+eq+'x'`,
    `endswith(${nested(deep, 'substring(displayName,length(', 'displayName', '),1)')},'x')`,
  ]),
  ...[600, 660, 700, 1000, 1500].flatMap((long) => [
    chain(long, 'true', '+or+'),
    chain(long, 'accountEnabled', '+and+'),
    chain(long, "id eq 'a'".replaceAll(' ', '+'), '+or+'),
    chain(long, 'true', '+eq+'),
    `accountEnabled+eq+${chain(long, 'true', '+ne+')}`,
    `id+in+(${chain(long, "'a'", ',')})`,
    `true${times(long, '+and(1+eq+1)')}`,
  ]),
  ...['1 lt 2 lt 3', "type eq 'work' eq true eq 'a'", 'id in ((1))', 'id in (', 'id in ()', "id in ('a',)", 'id has 1',
    "allowedAudiences has 'x'"],
  ...['null', 'true', 'false', 'null eq null', 'null ne null', 'null gt null', 'null in (1)', "null in (null,'a')", 'null in ()',
    'not null', 'null and 1'],
  ...['length(null) eq 1', 'length(null) in (1,null)', 'year(null) gt 1', 'startswith(null,null)', "contains('a',null)",
    'indexof(null,null) eq 0'],
  ...['concat(null,null) eq null', "substring(null,1) eq 'a'", "substring('abc',null) eq 'a'", 'trim(null) in (null)'],
  ...['fractionalseconds(null) gt 0.5', 'date(null) eq null', 'time(now()) lt 12:00',
    "substring(displayName,year(now())) eq ''"],
  ...["substring(displayName,fractionalseconds(now())) eq ''", "substring(displayName,99999999999999) eq ''",
    "substring(displayName,-1) eq ''"],
  ...["substring(displayName,1e5) eq ''", "substring(displayName,0.5) eq ''", "substring(displayName,INF) eq ''",
    "substring(displayName,0,NaN) eq ''"],
  ...['length(displayName) gt 1e308', 'length(displayName) gt 1e309', 'length(displayName) eq -0', 'length(displayName) lt -INF',
    'NaN eq NaN'],
  ...[times(400, '9'), times(401, '9'), `-${times(399, '9')}`, `0.${times(390, '1')}`, '1e-400', '5e-324', '1e99999', '00000', '-0.0'].map(
    (number) => `length(displayName) lt ${number}`,
  ),
  ...['0000-01-01T00:00:00Z', '0000-01-01T00:00:00%2B14:00', '9999-12-31T23:59:60Z', '9999-12-31T23:59:59-14:00', '2020-02-30',
    '2020-02-30T00:00:00Z'].flatMap((time) => [`createdDateTime lt ${time}`, `date(createdDateTime) eq ${time}`]),
  ...['24:00', '23:59:60', '12:30:45.1234567890123', '12:3'].map((time) => `time(createdDateTime) lt ${time}`),
  ...['%00', "displayName eq '%00'", "displayName eq '%ED%A0%80'", "displayName eq '%C0%80'", '%', '%zz', '%ff', "'%", '%25',
    '%2525', '%F4%90%80%80', '%E2%82'],
  ...['(a*)*b', '[', times(257, 'a')].map((pattern) => `matchesPattern(displayName,'${pattern}')`),
  ...[1, 2, 3, 10, 60].flatMap((deep) => [
    `${Array.from({ length: deep }, (_, level) => `otherMails/any(v${level}:`).join('')}v0+eq+'x'${times(deep, ')')}`,
    `${Array.from({ length: deep }, () => 'source/type/all(v:').join('')}v+eq+'x'${times(deep, ')')}`,
  ]),
  ...['otherMails/any(v:v/x eq 1)', 'otherMails/any(v:v)', 'otherMails/all()', 'otherMails/$count/$count eq 1', 'otherMails eq null',
    'identities/any(v:v eq v)'],
  ...['@p eq 1', '@p', 'id eq @p', '$it', '$it/id eq 1', '$root/users', '__proto__ eq 1', 'constructor/name eq 1', 'toString() eq 1',
    'id/id eq 1', 'id/$count eq 1'],
  ...["'", "''", "'''", "''''", '"', ';', '--', '/*', "id eq 'a';DROP TABLE users", "id eq ''' OR 1=1 --'", 'id eq $1', 'id eq ?',
    '$1', '?1', ':a', '', ' ', '+', ','],
]

// biome-ignore format: lists
export const hostileOrders: readonly string[] = [
  ...[15, 16, 17, 18, 300, 700].flatMap((many) => [
    chain(many, 'displayName', ','),
    chain(many, 'createdDateTime desc', ','),
    chain(many, 'type', ','),
  ]),
  ...['id', 'id desc', 'id asc desc', 'null', '1', "'a'", 'true', 'not true', 'length(null)', "concat('a','b')", 'now()',
    'year(now())', 'inference', 'source/type'],
  ...['otherMails', 'otherMails/$count desc', 'type/x', 'passwordProfile/password', '-length(displayName)',
    'length(displayName) add 1', 'displayName eq null desc'],
  ...[nested(30, 'substring(displayName,indexof(', 'displayName', ",'a'))"), nested(60, 'trim(', 'displayName', ')'),
    chain(600, 'true', '+or+'), ',', 'desc', ''],
]

// biome-ignore format: lists
export const hostileSearches: readonly string[] = [
  ...[3, 60, 64, 65, 990, 4000].flatMap((many) => [
    chain(many, 'a', ' '),
    chain(many, '"b c"', ' OR '),
    `${times(many, 'NOT ')}a`,
    nested(many, '(', 'a', ')'),
  ]),
  ...['"', '""', '"a', 'a:', ':', '"displayName:"', '"displayName:a" OR', '"x:y"', "'", "'a'", '(', 'AND', 'NOT', 'OR OR OR', '%00',
    '%ED%A0%80', '\\', '"\\', '%'],
]
