using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Decodes token ids incrementally and returns text as soon as it is complete: a character whose bytes are spread over several
/// tokens is returned with its last token, never in parts. The concatenated output equals that of
/// <see cref="QwenTokenizer.Decode(ReadOnlySpan{int}, bool)"/> for all ids. Not thread-safe.
/// </summary>
/// <param name="tokenizer">The tokenizer of the ids.</param>
/// <param name="skipSpecialTokens">Whether to omit special tokens.</param>
internal sealed class StreamingDecoder(QwenTokenizer tokenizer, bool skipSpecialTokens = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Decodes the next id.</summary>
    /// <returns>The text that this id completes, often empty.</returns>
    public string Append(int id)
    {
        tokenizer.WriteBytes(id, skipSpecialTokens, _bytes);
        return Take(flush: false);
    }

    /// <summary>Ends the text. The decoder can then be used for another text.</summary>
    /// <returns>U+FFFD if the text ends within a character; otherwise, an empty string.</returns>
    public string Flush() => Take(flush: true);

    private string Take(bool flush)
    {
        char[] characters = new char[_decoder.GetCharCount(_bytes.WrittenSpan, flush)];
        _decoder.GetChars(_bytes.WrittenSpan, characters, flush);
        _bytes.ResetWrittenCount();
        return new string(characters);
    }
}
