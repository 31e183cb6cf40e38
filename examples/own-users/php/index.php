<?php
/* The app's own backend. Its table `users` says who somebody is, and wxsession keeps the sessions. */
declare(strict_types=1);

$database = new PDO('sqlite:' . (getenv('DATABASE') ?: 'users.db'));
// The table `users` is an old one: id, name, and the bcrypt hash of the password. This one remembers linked WeChat users.
$database->exec('CREATE TABLE IF NOT EXISTS phones (appid, openid, user INTEGER, PRIMARY KEY (appid, openid))');

// Stands in for a hash that is not there, so that the time does not tell which names exist.
const NOBODY = '$2y$10$xPg7jEYQMYgps8PStdx3ce55YW33/ihor4OJpYsASLKq35IAeOOiK';

function answer(int $status, ?array $body = null): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    echo $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR);
    exit;
}

function row(string $query, array $values): ?array
{
    global $database;
    $statement = $database->prepare($query);
    $statement->execute($values);
    return $statement->fetch(PDO::FETCH_ASSOC) ?: null;
}

function text(mixed $value): string
{
    return is_string($value) ? $value : '';
}

/** wxsession asks here at every sign-in, with the token that nobody else has. */
function sign_in(array $asked): never
{
    ['method' => $method, 'credentials' => $credentials, 'wechat' => $wechat, 'presented' => $presented] = $asked;
    $phone = [$wechat['appid'], $wechat['openid']];
    $linked = row('SELECT user FROM phones WHERE appid = ? AND openid = ?', $phone);
    switch ($method) {
        case 'silent': // The program starts, or a session has ended.
        case 'wechat': // The user wants to be the WeChat user.
            answer(200, $linked === null ? ['guest' => true] : ['user' => (string) $linked['user']]);
        case 'renew':
            // The same WeChat user still holds the phone. All that is left to ask is whether the user still exists.
            $user = row('SELECT id FROM users WHERE id = ?', [$presented['user']]);
            $user === null ? answer(401) : answer(200, ['user' => (string) $user['id']]);
        case 'password':
            $user = row('SELECT id, hash FROM users WHERE name = ?', [text($credentials['identifier'] ?? null)]);
            $matches = password_verify(text($credentials['password'] ?? null), $user['hash'] ?? NOBODY);
            if (!isset($user['hash']) || !$matches) answer(401);
            if (($credentials['link'] ?? false) === true) {
                if ($linked !== null && $linked['user'] !== $user['id']) answer(409);
                row('INSERT OR IGNORE INTO phones VALUES (?, ?, ?)', [...$phone, $user['id']]);
            }
            answer(200, ['user' => (string) $user['id']]);
        default:
            answer(400);
    }
}

/** Changes the password, and ends the user's sessions on other phones. */
function change_password(string $id, string $session, array $asked): never
{
    $user = row('SELECT id, hash FROM users WHERE id = ?', [$id]);
    // Not 401, which would tell the mini program that its session has ended.
    if (!isset($user['hash']) || !password_verify(text($asked['old'] ?? null), $user['hash'])) answer(403);
    if (strlen(text($asked['password'] ?? null)) < 8) answer(422);
    $hash = password_hash(text($asked['password']), PASSWORD_BCRYPT);
    $change = fn (string $from, string $to) =>
        row('UPDATE users SET hash = ? WHERE id = ? AND hash = ?', [$to, $user['id'], $from]);
    // First the hash, then the sessions: a sign-in that still saw the old hash is ended too.
    $change($user['hash'], $hash);
    $ended = end_sessions(['user' => $id, 'except' => $session]);
    if (!$ended) $change($hash, $user['hash']);
    answer($ended ? 204 : 503);
}

function end_sessions(array $whose): bool
{
    $post = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => json_encode($whose)];
    $wxsession = getenv('WXSESSION') ?: 'http://127.0.0.1:8081';
    return @file_get_contents("$wxsession/sessions/end", false, stream_context_create(['http' => $post])) !== false;
}

$asked = json_decode(file_get_contents('php://input') ?: '', true) ?? [];
// The proxy has verified the session, and says in `x-wx-user` whose it is. A guest's id, `g.…`, is not one of ours.
$shown = $_SERVER['HTTP_X_WX_USER'] ?? '';
$user = ctype_digit($shown) ? $shown : '';
$route = $_SERVER['REQUEST_METHOD'] . ' ' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($route === 'GET /me') answer(200, ['name' => row('SELECT name FROM users WHERE id = ?', [$user])['name'] ?? 'guest']);
if ($route === 'PUT /me/password') change_password($user, $_SERVER['HTTP_SESSIONID'] ?? '', $asked);
// The proxy leads nobody here, and the token is the second lock.
$token = getenv('HOOK_TOKEN') ?: throw new Exception('HOOK_TOKEN is not set');
$isWxsession = hash_equals("Bearer $token", $_SERVER['HTTP_AUTHORIZATION'] ?? '');
if ($route === 'POST /sign-in' && $isWxsession) sign_in($asked);
answer(404);
