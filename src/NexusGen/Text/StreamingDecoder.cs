using System.Buffers;
using System.Text;

namespace NexusGen.Text;

/// <summary>
/// Decodes token ids as they come, and gives text as soon as it is sure: a character whose bytes are spread over several
/// tokens appears with its last one, never in parts. All pieces together are what
/// <see cref="QwenTokenizer.Decode(ReadOnlySpan{int}, bool)"/> gives for all ids. For one thread at a time.
/// </summary>
/// <param name="tokenizer">The tokenizer of the ids.</param>
/// <param name="skipSpecialTokens">Whether to leave out special tokens.</param>
public sealed class StreamingDecoder(QwenTokenizer tokenizer, bool skipSpecialTokens = false)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Takes the next id.</summary>
    /// <returns>The text that is complete now and was not before; often empty.</returns>
    public string Append(int id)
    {
        tokenizer.WriteBytes(id, skipSpecialTokens, _bytes);
        return Take(flush: false);
    }

    /// <summary>Ends the text; the decoder can then be used for another one.</summary>
    /// <returns>U+FFFD if the text ends within a character, else nothing.</returns>
    public string Flush() => Take(flush: true);

    private string Take(bool flush)
    {
        char[] characters = new char[_decoder.GetCharCount(_bytes.WrittenSpan, flush)];
        _decoder.GetChars(_bytes.WrittenSpan, characters, flush);
        _bytes.ResetWrittenCount();
        return new string(characters);
    }
}
