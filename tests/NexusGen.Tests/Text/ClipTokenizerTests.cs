using System.Text.Json;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class ClipTokenizerTests
{
    private const string Tiny = "models/tiny/FLUX/FLUX.1-dev/tokenizer";
    private const string Full = "tokenizers/clip";

    private static readonly Lazy<ClipTokenizer> LazyFull = new(() => ClipTokenizer.Load(TextCases.Folder(Full)));

    public static TheoryData<string> EncoderCases => TextCases.Names("clip");

    [Fact]
    public void EncodesAsTheReference()
    {
        JsonElement @case = TextCases.Read("tokenizer", "clip");
        string[] texts = @case.GetProperty("input").GetProperty("texts").Texts();
        int[][] ids = [.. @case.GetProperty("expected").GetProperty("ids").EnumerateArray().Select(TextCases.Ids)];
        Assert.All(texts.Zip(ids), pair => Assert.Equal(pair.Second, LazyFull.Value.Encode(pair.First)));
    }

    [Theory]
    [MemberData(nameof(EncoderCases))]
    public void EncodesThePromptsOfTheTextEncoder(string name)
    {
        string text = TextCases.Read("clip", name).GetProperty("input").GetProperty("text").GetString()!;
        int[] ids = ClipTokenizer.Load(TextCases.Folder(Tiny)).Encode(text);
        Assert.Equal(TextCases.Tensor("clip", name, "expected.input_ids"), ids);
    }

    [Theory]
    [InlineData("ﬁnal “quote” ‘x’ ＦＵＬＬ ｶﾅ", "final \"quote\" 'x' full カナ")]
    [InlineData("a\0\u0001b\u007f\ufeffc\u001b[31;1mred\u001b[0m", "abcred")]
    [InlineData("e\u0301 \u212B", "é å")]
    [InlineData("fish &amp; chips &eacute; &#233; &nosuch; &EACUTE;", "fish & chips é é &nosuch; é")]
    [InlineData("<b>&amp;</b>", "<b>&amp;</b>")]
    [InlineData("\u0093x\u0094 \u0080", "\"x\" €")]
    [InlineData("a\u2028b\u00a0c\t\r\n d ", "a b c d")]
    [InlineData("ΟΔΟΣ ΑΣ. Σ İ", "οδος ας. σ i\u0307")]
    public void TextIsCleanedFirst(string text, string cleaned)
    {
        Assert.Equal(cleaned, ClipTextCleaner.Clean(text));
        Assert.Equal(LazyFull.Value.Encode(cleaned), LazyFull.Value.Encode(text));
    }

    [Fact]
    public void LoneSurrogatesCountAsReplacementCharacters() => Assert.Equal("a\uFFFDb", ClipTextCleaner.Clean("a\uD800b"));

    [Fact]
    public void SpecialTokensInTheTextAreRecognisedInAnyCase()
    {
        ClipTokenizer tokenizer = LazyFull.Value;
        int a = tokenizer.Encode("a")[1];
        int[] expected = [tokenizer.StartId, a, tokenizer.StartId, a, tokenizer.EndId, tokenizer.EndId];
        Assert.Equal(expected, tokenizer.Encode("A<|StartOfText|>a<|endoftext|>")[..6]);
    }

    [Fact]
    public void LongTextsKeepTheEndToken()
    {
        int[] ids = LazyFull.Value.Encode(string.Concat(Enumerable.Repeat("a ", 50_000)));
        Assert.Equal(ClipTokenizer.ContextLength, ids.Length);
        Assert.Equal(LazyFull.Value.EndId, ids[^1]);
        Assert.Equal(LazyFull.Value.Encode("a")[1], ids[^2]);
    }

    [Fact]
    public void PaddingIsTheTokenThatTheConfigurationNames()
    {
        using TemporaryFolder folder = TextCases.CopyOf(Tiny, "vocab.json", "merges.txt");
        folder.Write("tokenizer_config.json", "{\"pad_token\": {\"content\": \"!\"}}");
        ClipTokenizer tokenizer = ClipTokenizer.Load(folder.Path);
        Assert.NotEqual(tokenizer.EndId, tokenizer.PadId);
        Assert.Equal([tokenizer.StartId, tokenizer.EndId, tokenizer.PadId], tokenizer.Encode("")[..3]);
    }

    [Fact]
    public void SymbolsThatTheVocabularyLacksAreUnknown()
    {
        using TemporaryFolder folder = TextCases.CopyOf(Tiny, "tokenizer_config.json");
        folder.Write("vocab.json", "{\"a\": 0, \"abc</w>\": 1, \"<|startoftext|>\": 1000, \"<|endoftext|>\": 1001}");
        folder.Write("merges.txt", "#version: 0.2\nb c</w>\na bc</w>\n");
        ClipTokenizer tokenizer = ClipTokenizer.Load(folder.Path);
        Assert.Equal([1000, 1, 0, 1001, 1001], tokenizer.Encode("abc ab")[..5]);
    }

    [Fact]
    public void MissingFilesAndTokensAreNamed()
    {
        using TemporaryFolder folder = TextCases.CopyOf(Tiny, "merges.txt");
        Assert.Contains("vocab.json", Assert.Throws<TokenizerException>(() => ClipTokenizer.Load(folder.Path)).Message);
        folder.Write("vocab.json", "{\"a\": 0}");
        Assert.Contains("bos_token", Assert.Throws<TokenizerException>(() => ClipTokenizer.Load(folder.Path)).Message);
    }
}
