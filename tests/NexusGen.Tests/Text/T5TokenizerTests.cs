using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class T5TokenizerTests
{
    private const string Tiny = "models/tiny/FLUX/FLUX.1-dev/tokenizer_2";
    private const string Full = "tokenizers/t5";

    private static readonly Lazy<T5Tokenizer> LazyFull = new(() => T5Tokenizer.Load(TextCases.Folder(Full)));

    public static TheoryData<string> EncoderCases => TextCases.Names("t5");

    [Fact]
    public void EncodesAsTheReference()
    {
        JsonElement @case = TextCases.Read("tokenizer", "t5");
        string[] texts = @case.GetProperty("input").GetProperty("texts").Texts();
        int[][] ids = [.. @case.GetProperty("expected").GetProperty("ids").EnumerateArray().Select(TextCases.Ids)];
        Assert.All(texts.Zip(ids), pair => Assert.Equal(pair.Second, LazyFull.Value.Encode(pair.First, 64, pad: false)));
    }

    [Theory]
    [MemberData(nameof(EncoderCases))]
    public void EncodesThePromptsOfTheTextEncoder(string name)
    {
        string text = TextCases.Read("t5", name).GetProperty("input").GetProperty("text").GetString()!;
        int[] ids = T5Tokenizer.Load(TextCases.Folder(Tiny)).Encode(text, 512, pad: true);
        Assert.Equal(TextCases.Tensor("t5", name, "expected.input_ids"), ids);
    }

    [Theory]
    [InlineData(Full)]
    [InlineData(Tiny)]
    public void EncodesTrickyTextsAsTheRustLibrary(string folder)
    {
        T5Tokenizer tokenizer = T5Tokenizer.Load(TextCases.Folder(folder));
        JsonElement tricky = TextCases.Tricky();
        string[] texts = tricky.GetProperty("texts").Texts();
        int[][] ids = [.. tricky.GetProperty("ids").GetProperty(folder).EnumerateArray().Select(TextCases.Ids)];
        Assert.All(texts.Zip(ids), pair => Assert.Equal(pair.Second, tokenizer.Encode(pair.First)));
    }

    [Fact]
    public void CutsBeforeTheEndTokenAndPadsBehindIt()
    {
        Assert.Equal([8774, 6, 1], LazyFull.Value.Encode("Hello, world!", 3, pad: true));
        Assert.Equal([1], LazyFull.Value.Encode("Hello, world!", 1, pad: true));
        Assert.Equal([8774, 6, 296, 55, 1, 0, 0], LazyFull.Value.Encode("Hello, world!", 7, pad: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => LazyFull.Value.Encode("", 0, pad: true));
    }

    [Fact]
    public void LoneSurrogatesCountAsReplacementCharacters() =>
        Assert.Equal(LazyFull.Value.Encode("a\uFFFDb"), LazyFull.Value.Encode("a\uD800b"));

    [Fact]
    public void ALongWordIsOnePiece() =>
        Assert.Equal(LazyFull.Value.Encode(new string('~', 10)), LazyFull.Value.Encode(new string('~', 100_000)));

    [Fact]
    public void OlderPipelinesSplitAtWhiteSpaceFirst()
    {
        using TemporaryFolder folder = WithPreTokenizer("""
            {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"},
             {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}]}
            """);
        Assert.Equal(LazyFull.Value.Encode("A cat"), T5Tokenizer.Load(folder.Path).Encode("  A \n cat "));
    }

    [Theory]
    [InlineData("\"prepend_scheme\": \"never\"", "a a", "a a")]
    [InlineData("\"prepend_scheme\": \"first\"", "a</s>a", "▁a</s>a")]
    [InlineData("\"prepend_scheme\": \"always\"", "a</s>a", "▁a</s>▁a")]
    public void TheFileSaysWhereWordsStart(string scheme, string text, string spelled)
    {
        const string metaspace = "\"type\": \"Metaspace\", \"replacement\": \"▁\"";
        using TemporaryFolder folder = WithPreTokenizer($"{{{metaspace}, {scheme}}}");
        using TemporaryFolder plain = WithPreTokenizer($"{{{metaspace}, \"prepend_scheme\": \"never\"}}");
        Assert.Equal(T5Tokenizer.Load(plain.Path).Encode(spelled), T5Tokenizer.Load(folder.Path).Encode(text));
    }

    [Fact]
    public void UnknownTextFallsBackToBytesWhereTheFileSaysSo()
    {
        UnigramModel model = new([("<unk>", 0), ("<0xC3>", 0), ("<0xA9>", 0), ("a", -1)], unknownId: 0, byteFallback: true);
        List<int> ids = [];
        model.Encode("aéa", ids);
        Assert.Equal([3, 1, 2, 3], ids);
    }

    [Fact]
    public void UnknownNeighboursAreOneTokenAndOfEqualPathsTheLastTokenIsLongest()
    {
        UnigramModel model = new([("<unk>", 0), ("a", -1), ("aa", -1.5), ("b", -1)], unknownId: 0, byteFallback: false);
        List<int> ids = [];
        model.Encode("xyaaab👩z", ids);
        Assert.Equal([0, 1, 2, 3, 0], ids);
    }

    [Theory]
    [InlineData("normalizer", "{\"type\": \"Lowercase\"}", "Lowercase")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAEAAA==\"}", "truncated")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"?\"}", "tokenizer.json")]
    [InlineData("pre_tokenizer", "{\"type\": \"Digits\"}", "Digits")]
    [InlineData("model", "{\"type\": \"BPE\"}", "BPE")]
    [InlineData("model", "{\"type\": \"Unigram\", \"unk_id\": 5, \"vocab\": [[\"a\", 0]]}", "unk_id 5")]
    [InlineData("model", "{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"a\"]]}", "tokenizer.json")]
    public void WhatIsNotSupportedIsNamed(string property, string value, string named)
    {
        using TemporaryFolder folder = With(property, value);
        Assert.Contains(named, Assert.Throws<TokenizerException>(() => T5Tokenizer.Load(folder.Path)).Message);
    }

    private static TemporaryFolder WithPreTokenizer(string value) => With("pre_tokenizer", value);

    private static TemporaryFolder With(string property, string value)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(TextCases.Folder(Full), "tokenizer.json")))!;
        root[property] = JsonNode.Parse(value);
        TemporaryFolder folder = new();
        folder.Write("tokenizer.json", root.ToJsonString());
        return folder;
    }
}
