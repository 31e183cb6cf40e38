import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * wxsession asks here at every sign-in. The table {@code users} is an old one: id, name, and the bcrypt hash of the password.
 * The table {@code phones} remembers linked WeChat users: {@code (appid, openid, user_id, PRIMARY KEY (appid, openid))}.
 */
@RestController
class SignIn {
    record WeChat(String appid, String openid, String unionid) {}
    record Presented(String user, boolean guest) {}
    record Asked(String method, Map<String, Object> credentials, WeChat wechat, Presented presented) {}

    private final JdbcTemplate database;
    private final PasswordEncoder passwords = new BCryptPasswordEncoder();
    // Stands in for a hash that is not there, so that the time does not tell which names exist.
    private final String nobody = passwords.encode("");
    private final String token = "Bearer " + Objects.requireNonNull(System.getenv("HOOK_TOKEN"));

    SignIn(JdbcTemplate database) {
        this.database = database;
    }

    @PostMapping("/sign-in")
    ResponseEntity<?> signIn(@RequestHeader("Authorization") String authorization, @RequestBody Asked asked) {
        if (!MessageDigest.isEqual(bytes(authorization), bytes(token))) return status(404);
        return switch (asked.method()) {
            // The program starts, or a session has ended; or the user wants to be the WeChat user.
            case "silent", "wechat" -> linked(asked.wechat())
                .map(this::is).orElse(ResponseEntity.ok(Map.of("guest", true)));
            // The same WeChat user still holds the phone. All that is left to ask is whether the user still exists.
            case "renew" -> byId(asked.presented().user())
                .map(this::is).orElse(status(401));
            case "password" -> byPassword(asked.credentials(), asked.wechat());
            default -> status(400);
        };
    }

    private ResponseEntity<?> byPassword(Map<String, Object> credentials, WeChat wechat) {
        var user = one("SELECT id, hash FROM users WHERE name = ?", text(credentials, "identifier"));
        var hash = user.map(found -> (String) found.get("hash"));
        boolean matches = passwords.matches(text(credentials, "password"), hash.orElse(nobody));
        if (hash.isEmpty() || !matches) return status(401);
        if (Boolean.TRUE.equals(credentials.get("link"))) {
            var linked = linked(wechat);
            if (linked.isPresent() && !id(linked.get()).equals(id(user.get()))) return status(409);
            if (linked.isEmpty()) {
                database.update("INSERT INTO phones VALUES (?, ?, ?)", wechat.appid(), wechat.openid(), user.get().get("id"));
            }
        }
        return is(user.get());
    }

    /** Nobody for a text that is no number, such as the id of a guest. */
    private Optional<Map<String, Object>> byId(String id) {
        return id.matches("\\d{1,18}") ? one("SELECT id FROM users WHERE id = ?", Long.valueOf(id)) : Optional.empty();
    }

    private Optional<Map<String, Object>> linked(WeChat wechat) {
        return one("SELECT user_id AS id FROM phones WHERE appid = ? AND openid = ?", wechat.appid(), wechat.openid());
    }

    private Optional<Map<String, Object>> one(String query, Object... values) {
        return database.queryForList(query, values).stream().findFirst();
    }

    private ResponseEntity<?> is(Map<String, Object> user) {
        return ResponseEntity.ok(Map.of("user", id(user)));
    }

    private static String id(Map<String, Object> user) {
        return user.get("id").toString();
    }

    private static ResponseEntity<?> status(int status) {
        return ResponseEntity.status(status).build();
    }

    private static String text(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
