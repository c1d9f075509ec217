/* Hashes of many experts at once: the formulas of SPEC.md section 2, sixteen lanes wide.
 *
 * The plain Python of core/snapshot.py computes the same bytes, one expert at a time; the
 * tests compare both on random pools. Nothing here is secret-dependent in time: every lane
 * does the same steps for the same lengths. Optional: without a compiler Python does it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16
#define HALF 8

typedef uint32_t words __attribute__((vector_size(64)));     /* one 32-bit word of 16 messages */
typedef uint64_t longs __attribute__((vector_size(64)));     /* one 64-bit word of 8 messages */

#if defined(__x86_64__) && defined(__gnu_linux__)
#define EVERY_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EVERY_CPU
#endif

static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint64_t START_LONG[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
static const uint64_t K_LONG[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

#define TURN(x, n, width) (((x) >> (n)) | ((x) << ((width) - (n))))
#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) (((a) & (b)) | ((c) & ((a) | (b))))

static inline uint32_t read32(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, 4);
    return __builtin_bswap32(word);
}
static inline uint64_t read64(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, 8);
    return __builtin_bswap64(word);
}
static inline void write32(uint8_t *at, uint32_t word) {
    word = __builtin_bswap32(word);
    memcpy(at, &word, 4);
}
static inline void write64(uint8_t *at, uint64_t word) {
    word = __builtin_bswap64(word);
    memcpy(at, &word, 8);
}

/* One SHA-256 block of each lane; lane l's block stands at from + l * stride. */
#define ROUND32(a, b, c, d, e, f, g, h, i)                                                         \
    {                                                                                              \
        words t1 = h + (TURN(e, 6, 32) ^ TURN(e, 11, 32) ^ TURN(e, 25, 32)) + CHOOSE(e, f, g) +     \
                   K[i] + w[(i) & 15];                                                             \
        d += t1;                                                                                   \
        h = t1 + (TURN(a, 2, 32) ^ TURN(a, 13, 32) ^ TURN(a, 22, 32)) + MAJORITY(a, b, c);         \
    }
#define NEXT32(i)                                                                                  \
    {                                                                                              \
        words x = w[((i) + 1) & 15], y = w[((i) + 14) & 15];                                       \
        w[(i) & 15] += (TURN(x, 7, 32) ^ TURN(x, 18, 32) ^ (x >> 3)) + w[((i) + 9) & 15] +         \
                       (TURN(y, 17, 32) ^ TURN(y, 19, 32) ^ (y >> 10));                            \
    }
EVERY_CPU static void block256(words *state, const uint8_t *from, size_t stride, const words *live) {
    words w[16], s[8];
    uint32_t turned[16][LANES] __attribute__((aligned(64)));
    for (int lane = 0; lane < LANES; lane++)
        for (int t = 0; t < 16; t++) turned[t][lane] = read32(from + lane * stride + 4 * t);
    memcpy(w, turned, sizeof w);
    for (int i = 0; i < 8; i++) s[i] = state[i];
#pragma GCC unroll 8
    for (int i = 0; i < 64; i += 8) {
        if (i >= 16) {
            NEXT32(i) NEXT32(i + 1) NEXT32(i + 2) NEXT32(i + 3)
            NEXT32(i + 4) NEXT32(i + 5) NEXT32(i + 6) NEXT32(i + 7)
        }
        ROUND32(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], i)
        ROUND32(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], i + 1)
        ROUND32(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], i + 2)
        ROUND32(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], i + 3)
        ROUND32(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], i + 4)
        ROUND32(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], i + 5)
        ROUND32(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], i + 6)
        ROUND32(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], i + 7)
    }
    for (int i = 0; i < 8; i++) state[i] += s[i] & *live; /* a lane that has ended stays */
}

#define ROUND64(a, b, c, d, e, f, g, h, i)                                                         \
    {                                                                                              \
        longs t1 = h + (TURN(e, 14, 64) ^ TURN(e, 18, 64) ^ TURN(e, 41, 64)) + CHOOSE(e, f, g) +    \
                   K_LONG[i] + w[(i) & 15];                                                        \
        d += t1;                                                                                   \
        h = t1 + (TURN(a, 28, 64) ^ TURN(a, 34, 64) ^ TURN(a, 39, 64)) + MAJORITY(a, b, c);        \
    }
#define NEXT64(i)                                                                                  \
    {                                                                                              \
        longs x = w[((i) + 1) & 15], y = w[((i) + 14) & 15];                                       \
        w[(i) & 15] += (TURN(x, 1, 64) ^ TURN(x, 8, 64) ^ (x >> 7)) + w[((i) + 9) & 15] +          \
                       (TURN(y, 19, 64) ^ TURN(y, 61, 64) ^ (y >> 6));                             \
    }
EVERY_CPU static void block512(longs *state, const uint8_t *from, size_t stride) {
    longs w[16], s[8];
    uint64_t turned[16][HALF] __attribute__((aligned(64)));
    for (int lane = 0; lane < HALF; lane++)
        for (int t = 0; t < 16; t++) turned[t][lane] = read64(from + lane * stride + 8 * t);
    memcpy(w, turned, sizeof w);
    for (int i = 0; i < 8; i++) s[i] = state[i];
#pragma GCC unroll 10
    for (int i = 0; i < 80; i += 8) {
        if (i >= 16) {
            NEXT64(i) NEXT64(i + 1) NEXT64(i + 2) NEXT64(i + 3)
            NEXT64(i + 4) NEXT64(i + 5) NEXT64(i + 6) NEXT64(i + 7)
        }
        ROUND64(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], i)
        ROUND64(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], i + 1)
        ROUND64(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], i + 2)
        ROUND64(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], i + 3)
        ROUND64(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], i + 4)
        ROUND64(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], i + 5)
        ROUND64(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], i + 6)
        ROUND64(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], i + 7)
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

/* Sixteen messages side by side, each written with its padding; `before` bytes were hashed. */
typedef struct {
    uint8_t *text;
    size_t stride;
    uint32_t blocks[LANES];
} desk;

static void end(desk *at, int lane, size_t length, size_t before) {
    uint8_t *text = at->text + lane * at->stride;
    size_t blocks = (length + 9 + 63) / 64;
    text[length] = 0x80;
    memset(text + length + 1, 0, blocks * 64 - length - 9);
    write64(text + blocks * 64 - 8, (uint64_t)(before + length) * 8);
    at->blocks[lane] = (uint32_t)blocks;
}

static void digest(const desk *at, const uint32_t *start, uint8_t *out, size_t apart) {
    words state[8];
    uint32_t most = 0;
    for (int i = 0; i < 8; i++) state[i] = (words){0} + start[i];
    for (int lane = 0; lane < LANES; lane++) most = at->blocks[lane] > most ? at->blocks[lane] : most;
    for (uint32_t block = 0; block < most; block++) {
        words live;
        for (int lane = 0; lane < LANES; lane++) live[lane] = at->blocks[lane] > block ? ~0u : 0;
        block256(state, at->text + block * 64, at->stride, &live);
    }
    for (int lane = 0; lane < LANES; lane++)
        for (int i = 0; i < 8; i++) write32(out + lane * apart + 4 * i, state[i][lane]);
}

/* The states of HMAC-SHA-256 and HMAC-SHA-512 after the padded key of 32 bytes. */
static void keyed256(const uint8_t *key, uint8_t pad, uint32_t *state) {
    uint8_t block[64];
    words all[8], live = (words){0} + ~0u;
    for (int i = 0; i < 64; i++) block[i] = (i < 32 ? key[i] : 0) ^ pad;
    for (int i = 0; i < 8; i++) all[i] = (words){0} + START[i];
    block256(all, block, 0, &live);
    for (int i = 0; i < 8; i++) state[i] = all[i][0];
}
static void keyed512(const uint8_t *key, uint8_t pad, longs *state) {
    uint8_t block[128];
    for (int i = 0; i < 128; i++) block[i] = (i < 32 ? key[i] : 0) ^ pad;
    for (int i = 0; i < 8; i++) state[i] = (longs){0} + START_LONG[i];
    block512(state, block, 0);
}

/* HMAC-SHA-256(key, text)[:16] of count texts; text i is length[i] bytes at base + start[i]. */
int macs(const uint8_t *key, int64_t count, const uint8_t *base, const int64_t *start,
         const int32_t *length, int32_t longest, uint8_t *out) {
    uint32_t inner[8], outer[8];
    uint8_t found[LANES * 32];
    desk at = {0};
    at.stride = ((size_t)longest + 32 + 9 + 63) / 64 * 64 + 64;
    if (!(at.text = calloc(LANES, at.stride))) return 1;
    keyed256(key, 0x36, inner);
    keyed256(key, 0x5c, outer);
    for (int64_t first = 0; first < count; first += LANES) {
        int some = count - first < LANES ? (int)(count - first) : LANES;
        for (int lane = 0; lane < some; lane++) {
            memcpy(at.text + lane * at.stride, base + start[first + lane], length[first + lane]);
            end(&at, lane, length[first + lane], 64);
        }
        digest(&at, inner, found, 32);
        for (int lane = 0; lane < some; lane++) {
            memcpy(at.text + lane * at.stride, found + lane * 32, 32);
            end(&at, lane, 32, 64);
        }
        digest(&at, outer, found, 32);
        for (int lane = 0; lane < some; lane++) memcpy(out + (first + lane) * 16, found + lane * 32, 16);
    }
    free(at.text);
    return 0;
}

/* SHA-256 of count texts, given as to macs; 32 bytes each. */
int hashes(int64_t count, const uint8_t *base, const int64_t *start, const int32_t *length,
           int32_t longest, uint8_t *out) {
    uint8_t found[LANES * 32];
    desk at = {0};
    at.stride = ((size_t)longest + 9 + 63) / 64 * 64 + 64;
    if (!(at.text = calloc(LANES, at.stride))) return 1;
    for (int64_t first = 0; first < count; first += LANES) {
        int some = count - first < LANES ? (int)(count - first) : LANES;
        for (int lane = 0; lane < some; lane++) {
            memcpy(at.text + lane * at.stride, base + start[first + lane], length[first + lane]);
            end(&at, lane, length[first + lane], 0);
        }
        digest(&at, START, found, 32);
        memcpy(out + first * 32, found, (size_t)some * 32);
    }
    free(at.text);
    return 0;
}

/* The 64 bytes S of eight experts: HMAC-SHA-512(k_salt, tag, version). */
static void springs(const longs *inner, const longs *outer, const uint8_t *tags,
                    const uint32_t *versions, int some, uint8_t *out) {
    uint8_t text[HALF * 128] = {0};
    longs state[8];
    for (int lane = 0; lane < some; lane++) {
        uint8_t *block = text + lane * 128;
        memcpy(block, tags + lane * 16, 16);
        write32(block + 16, versions[lane]);
        block[20] = 0x80;
        write64(block + 120, (128 + 20) * 8);
    }
    memcpy(state, inner, sizeof state);
    block512(state, text, 128);
    for (int lane = 0; lane < HALF; lane++) {
        uint8_t *block = text + lane * 128;
        for (int i = 0; i < 8; i++) write64(block + 8 * i, state[i][lane]);
        memset(block + 64, 0, 56);
        block[64] = 0x80;
        write64(block + 120, (128 + 64) * 8);
    }
    memcpy(state, outer, sizeof state);
    block512(state, text, 128);
    for (int lane = 0; lane < HALF; lane++)
        for (int i = 0; i < 8; i++) write64(out + lane * 64 + 8 * i, state[i][lane]);
}

/* The leaves of count experts. rows[i] picks the identity and qualification texts, which end
 * where the next ones start; tags are of 16 bytes, and orgs too, picked by org[rows[i]]. */
int leaves(const uint8_t *salt_key, int64_t count, const int32_t *rows, const uint8_t *tags,
           const uint32_t *versions, const uint32_t *regions, const int32_t *org,
           const uint8_t *orgs, const uint8_t *identity, const int64_t *identity_at,
           const uint8_t *qualification, const int64_t *qualification_at, int64_t longest,
           uint8_t *out) {
    longs inner[8], outer[8];
    uint8_t spring[LANES * 64], hashed[LANES * 64], found[LANES * 32];
    uint32_t version[LANES];
    desk at = {0};
    at.stride = ((size_t)longest + 128 + 9 + 63) / 64 * 64 + 64;
    if (!(at.text = calloc(LANES, at.stride))) return 1;
    keyed512(salt_key, 0x36, inner);
    keyed512(salt_key, 0x5c, outer);
    for (int64_t first = 0; first < count; first += LANES) {
        int some = count - first < LANES ? (int)(count - first) : LANES;
        const int32_t *row = rows + first;
        const uint8_t *tag = tags + first * 16;
        for (int lane = 0; lane < some; lane++) version[lane] = versions[row[lane]];
        springs(inner, outer, tag, version, some < HALF ? some : HALF, spring);
        if (some > HALF)
            springs(inner, outer, tag + HALF * 16, version + HALF, some - HALF, spring + HALF * 64);
        for (int lane = 0; lane < some; lane++) {
            uint8_t *text = at.text + lane * at.stride;
            size_t long_ = (size_t)(identity_at[row[lane] + 1] - identity_at[row[lane]]);
            memcpy(text, "BDP1/id", 8);
            memcpy(text + 8, spring + lane * 64, 24);
            memcpy(text + 32, identity + identity_at[row[lane]], long_);
            end(&at, lane, 32 + long_, 0);
        }
        digest(&at, START, hashed, 64);
        for (int lane = 0; lane < some; lane++) {
            uint8_t *text = at.text + lane * at.stride;
            size_t long_ = (size_t)(qualification_at[row[lane] + 1] - qualification_at[row[lane]]);
            memcpy(text, "BDP1/qual", 10);
            memcpy(text + 10, spring + lane * 64 + 24, 24);
            memcpy(text + 34, qualification + qualification_at[row[lane]], long_);
            end(&at, lane, 34 + long_, 0);
        }
        digest(&at, START, hashed + 32, 64);
        for (int lane = 0; lane < some; lane++) {
            uint8_t *text = at.text + lane * at.stride;
            text[0] = 0;
            memcpy(text + 1, hashed + lane * 64, 64);
            memcpy(text + 65, spring + lane * 64 + 48, 16);
            memcpy(text + 81, tag + lane * 16, 16);
            memcpy(text + 97, orgs + (int64_t)org[row[lane]] * 16, 16);
            write32(text + 113, regions[row[lane]]);
            end(&at, lane, 117, 0);
        }
        digest(&at, START, found, 32);
        memcpy(out + first * 32, found, (size_t)some * 32);
    }
    free(at.text);
    return 0;
}
