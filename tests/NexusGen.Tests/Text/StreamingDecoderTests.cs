using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class StreamingDecoderTests
{
    [Fact]
    public void CharactersAppearWholeWithTheirLastToken()
    {
        // The trimmed vocabulary encodes these characters byte by byte.
        const string text = "a模👩‍👧é";
        StreamingDecoder decoder = new(TextCases.TinyQwen);
        List<string> pieces = [.. TextCases.TinyQwen.Encode(text).Select(decoder.Append)];
        Assert.Equal(text, string.Concat(pieces));
        Assert.Equal("", decoder.Flush());
        Assert.Contains("", pieces);
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD'));
        Assert.All(pieces, piece => Assert.False(piece.Length > 0 && char.IsHighSurrogate(piece[^1])));
    }

    [Fact]
    public void AnUnfinishedCharacterEndsAsAReplacement()
    {
        int[] ids = TextCases.TinyQwen.Encode("模");
        StreamingDecoder decoder = new(TextCases.TinyQwen);
        Assert.Equal("", decoder.Append(ids[0]));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("a", decoder.Append(TextCases.TinyQwen.Encode("a")[0]));
    }

    [Fact]
    public void BrokenBytesDecodeAsAWhole()
    {
        int[] start = TextCases.TinyQwen.Encode("模");
        int[] ids = [start[0], start[0], start[1], start[0], .. TextCases.TinyQwen.Encode("x<|im_end|>"), start[2]];
        StreamingDecoder decoder = new(TextCases.TinyQwen);
        Assert.Equal(TextCases.TinyQwen.Decode(ids), string.Concat(ids.Select(decoder.Append)) + decoder.Flush());
    }

    [Fact]
    public void SpecialTokensCanBeSkipped()
    {
        StreamingDecoder decoder = new(TextCases.TinyQwen, skipSpecialTokens: true);
        Assert.Equal("ab", string.Concat(TextCases.TinyQwen.Encode("a<|im_end|>b").Select(decoder.Append)));
    }
}
