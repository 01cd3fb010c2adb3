#include "tests/support/web_socket_frames.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace tenure::test {
namespace {

// The value of a header that is in there once, spelled as Beast spells it.
std::string_view header_of(std::string_view request, std::string_view name) {
    const auto at = request.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = request.substr(at + name.size());
    return rest.substr(0, rest.find("\r\n"));
}

void append_number(std::string& text, std::size_t number, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(number >> shift);
}

}  // namespace

std::string accept_upgrade(std::string_view request) {
    const std::string_view key = header_of(request, "Sec-WebSocket-Key: ");
    if (key.empty()) return {};
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> accept{};
    EVP_EncodeBlock(accept.data(), digest.data(), static_cast<int>(size));
    return std::string(
               "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Accept: ") +
           reinterpret_cast<const char*>(accept.data()) + "\r\n\r\n";
}

std::string frame(Opcode opcode, std::string_view payload, bool is_last) {
    std::string bytes(1, static_cast<char>(static_cast<int>(opcode) | (is_last ? 0x80 : 0)));
    if (payload.size() < 126) {
        append_number(bytes, payload.size(), 1);
    } else if (payload.size() < 0x10000) {
        bytes += static_cast<char>(126);
        append_number(bytes, payload.size(), 2);
    } else {
        bytes += static_cast<char>(127);
        append_number(bytes, payload.size(), 8);
    }
    return bytes.append(payload);
}

}  // namespace tenure::test
