using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace NexusGen.Server.Images;

/// <summary>
/// Reads data URLs as browsers do: the "data: URL processor" of the Fetch standard (https://fetch.spec.whatwg.org), on what is
/// left of an address by the parser of the URL standard. The media type is not used: the file says what it is.
/// </summary>
internal static class DataUrl
{
    private const string Scheme = "data:", Base64Extension = "base64";

    private static readonly SearchValues<char> LineBreaks = SearchValues.Create("\t\n\r");

    /// <summary>Returns whether an address is a data URL.</summary>
    public static bool Is(string address) => Parsed(address).StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the content of a data URL, or null if it is malformed.</summary>
    /// <param name="address">The address, for which <see cref="Is"/> is true.</param>
    public static byte[]? Decode(string address)
    {
        ReadOnlySpan<char> url = Parsed(address);
        int fragment = url.IndexOf('#');
        url = fragment < 0 ? url : url[..fragment];
        int comma = url.IndexOf(',');
        if (comma < 0)
        {
            return null;
        }

        byte[] body = PercentDecode(url[(comma + 1)..]);
        ReadOnlySpan<char> type = url[Scheme.Length..comma].Trim("\t\n\f\r ");
        if (type.EndsWith(Base64Extension, StringComparison.OrdinalIgnoreCase)
            && type[..^Base64Extension.Length].TrimEnd(' ') is [.., ';'])
        {
            return DecodeBase64(body);
        }

        return body;
    }

    // The standard's "forgiving-base64 decode": white space is ignored, and the padding may be missing.
    private static byte[]? DecodeBase64(byte[] text)
    {
        int length = 0;
        foreach (byte character in text)
        {
            if (character is not ((byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r' or (byte)' '))
            {
                text[length++] = character;
            }
        }

        int padding = length % 4 > 0 ? 0
            : text.AsSpan(0, length).EndsWith("=="u8) ? 2
            : text.AsSpan(0, length).EndsWith("="u8) ? 1
            : 0;
        ReadOnlySpan<byte> digits = text.AsSpan(0, length - padding);
        if (digits.Length % 4 == 1 || digits.Contains((byte)'='))
        {
            return null;
        }

        // Filled up with zeros, which the bits after the last byte need not be.
        byte[] filled = new byte[(digits.Length + 3) / 4 * 4];
        digits.CopyTo(filled);
        filled.AsSpan(digits.Length).Fill((byte)'A');
        return Base64.DecodeFromUtf8InPlace(filled, out _) == OperationStatus.Done ? filled[..(digits.Length * 3 / 4)] : null;
    }

    private static byte[] PercentDecode(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        if (!bytes.AsSpan().Contains((byte)'%'))
        {
            return bytes;
        }

        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isEncoded = bytes[i] == '%'
                && i + 2 < bytes.Length
                && char.IsAsciiHexDigit((char)bytes[i + 1])
                && char.IsAsciiHexDigit((char)bytes[i + 2]);
            bytes[length++] = isEncoded ? Convert.FromHexString([(char)bytes[i + 1], (char)bytes[i + 2]])[0] : bytes[i];
            i += isEncoded ? 2 : 0;
        }

        return bytes[..length];
    }

    // What the URL parser leaves out: control characters and spaces at the ends, and line breaks and tabs everywhere.
    private static ReadOnlySpan<char> Parsed(string address)
    {
        int start = 0, end = address.Length;
        while (start < end && address[start] <= ' ')
        {
            start++;
        }

        while (end > start && address[end - 1] <= ' ')
        {
            end--;
        }

        ReadOnlySpan<char> trimmed = address.AsSpan(start, end - start);
        if (!trimmed.ContainsAny(LineBreaks))
        {
            return trimmed;
        }

        StringBuilder text = new(trimmed.Length);
        foreach (char character in trimmed)
        {
            if (!LineBreaks.Contains(character))
            {
                text.Append(character);
            }
        }

        return text.ToString();
    }
}
