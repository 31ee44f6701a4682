using System.Text.Json;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class QwenTokenizerTests
{
    private const string Tiny = "models/tiny/Nexus-GenV2";
    private const string Full = "tokenizers/qwen2.5";

    public static TheoryData<string> GenerateCases => TextCases.Names("generate");

    [Fact]
    public void EncodesAndDecodesAsTheReference()
    {
        JsonElement @case = TextCases.Read("tokenizer", "qwen2.5");
        string[] texts = @case.GetProperty("input").GetProperty("texts").Texts();
        int[][] ids = [.. @case.GetProperty("expected").GetProperty("ids").EnumerateArray().Select(TextCases.Ids)];
        string[] decoded = @case.GetProperty("expected").GetProperty("decoded").Texts();
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(ids[i], TextCases.Qwen.Encode(texts[i]));
            Assert.Equal(decoded[i], TextCases.Qwen.Decode(ids[i]));
        }
    }

    [Theory]
    [InlineData(Full)]
    [InlineData(Tiny)]
    public void EncodesTrickyTextsAsTheRustLibrary(string folder)
    {
        QwenTokenizer tokenizer = folder == Full ? TextCases.Qwen : TextCases.TinyQwen;
        JsonElement tricky = TextCases.Tricky();
        string[] texts = tricky.GetProperty("texts").Texts();
        int[][] ids = [.. tricky.GetProperty("ids").GetProperty(folder).EnumerateArray().Select(TextCases.Ids)];
        Assert.All(texts.Zip(ids), pair => Assert.Equal(pair.Second, tokenizer.Encode(pair.First)));
    }

    [Theory]
    [MemberData(nameof(GenerateCases))]
    public void EncodesPromptsAndDecodesRepliesAsTheReference(string name)
    {
        QwenTokenizer tokenizer = TextCases.TinyQwen;
        JsonElement @case = TextCases.Read("generate", name);
        int imagePad = tokenizer.TokenId(SpecialTokens.ImagePad);
        if (TextCases.Tensor("generate", name, "expected.input_ids") is { } expected)
        {
            string prompt = @case.GetProperty("input").GetProperty("prompt").GetString()!;
            int[] counts = RunLengths(expected, imagePad);
            Assert.Equal(expected, tokenizer.Encode(ImagePlaceholders.Expand(prompt, counts)));
            Assert.Equal(expected, ImagePlaceholders.Expand(tokenizer.Encode(prompt), imagePad, counts));
        }

        int[] generated = TextCases.Tensor("generate", name, "expected.generated_ids")!;
        if (@case.GetProperty("expected").TryGetProperty("text", out JsonElement text))
        {
            Assert.Equal(text.GetString(), ReplyText.WithImageTags(tokenizer, generated));
            string? plain = @case.GetProperty("expected").GetProperty("plain_text").GetString();
            Assert.Equal(plain, ReplyText.Plain(tokenizer, generated));
        }

        StreamingDecoder decoder = new(tokenizer);
        string streamed = string.Concat(generated.Select(decoder.Append)) + decoder.Flush();
        Assert.Equal(tokenizer.Decode(generated), streamed);
    }

    [Fact]
    public void TokenizerJsonAloneGivesTheSame()
    {
        using TemporaryFolder folder = TextCases.CopyOf(Tiny, "tokenizer.json");
        QwenTokenizer tokenizer = QwenTokenizer.Load(folder.Path);
        string text = "<|im_start|>user\nWhat’s <tool_call> 中文 1234?<|im_end|>\n";
        Assert.Equal(TextCases.TinyQwen.Encode(text), tokenizer.Encode(text));
        Assert.Equal(TextCases.TinyQwen.VocabularySize, tokenizer.VocabularySize);
        Assert.Equal("<tool_call>", tokenizer.Decode(tokenizer.Encode("<|im_end|><tool_call>"), skipSpecialTokens: true));
    }

    [Fact]
    public void OldFoldersFlagSpecialTokensInTheirMap()
    {
        using TemporaryFolder folder =
            TextCases.CopyOf(Tiny, "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json");
        QwenTokenizer tokenizer = QwenTokenizer.Load(folder.Path);
        Assert.Equal(TextCases.TinyQwen.TokenId("<|image_pad|>"), tokenizer.TokenId("<|image_pad|>"));
        Assert.Equal("<tool_call>", tokenizer.Decode(tokenizer.Encode("<|im_end|><tool_call><|endoftext|>"), true));
    }

    [Fact]
    public void SkipsOnlySpecialTokens()
    {
        int[] ids = TextCases.Qwen.Encode("a<|im_end|><|fim_prefix|><tool_call>b<|image_pad|>");
        Assert.Equal("a<|fim_prefix|><tool_call>b", TextCases.Qwen.Decode(ids, skipSpecialTokens: true));
        Assert.True(TextCases.Qwen.IsSpecial(TextCases.Qwen.TokenId("<|im_end|>")));
        Assert.False(TextCases.Qwen.IsSpecial(TextCases.Qwen.TokenId("<tool_call>")));
    }

    [Fact]
    public void IdsWithoutTokensAreLeftOut() =>
        Assert.Equal("ab", TextCases.Qwen.Decode([64, -1, 151_900, int.MaxValue, int.MinValue, 65]));

    [Fact]
    public void LoneSurrogatesCountAsReplacementCharacters() =>
        Assert.Equal(TextCases.Qwen.Encode("a\uFFFDb\uFFFD"), TextCases.Qwen.Encode("a\uD800b\uDC00"));

    [Theory]
    [InlineData("a", 12_500)]
    [InlineData(" ", 782)]
    [InlineData("模", 100_000)]
    public void LongRunsTakeNoTimeOrStackToSpeakOf(string character, int expectedCount)
    {
        string text = string.Concat(Enumerable.Repeat(character, 100_000));
        int[] ids = TextCases.Qwen.Encode(text);
        Assert.Equal(expectedCount, ids.Length);
        Assert.Equal(text, TextCases.Qwen.Decode(ids));
    }

    [Fact]
    public void ManyThreadsMayUseOne()
    {
        string[] texts = TextCases.Read("tokenizer", "qwen2.5").GetProperty("input").GetProperty("texts").Texts();
        int[][] expected = [.. texts.Select(TextCases.Qwen.Encode)];
        Parallel.For(0, 64, i => Assert.Equal(expected[i % texts.Length], TextCases.Qwen.Encode(texts[i % texts.Length])));
    }

    [Fact]
    public void UnknownTokensAreNamed()
    {
        TokenizerException error = Assert.Throws<TokenizerException>(() => TextCases.Qwen.TokenId("<|no_such|>"));
        Assert.Contains("<|no_such|>", error.Message);
        Assert.False(TextCases.Qwen.TryGetTokenId("<|no_such|>", out _));
    }

    [Theory]
    [InlineData("vocab.json", "[1, 2]", "vocab.json")]
    [InlineData("vocab.json", "{\"a\": \"b\"}", "vocab.json")]
    [InlineData("vocab.json", "{\"a\": -1}", "-1")]
    [InlineData("vocab.json", "{\"a\": 2000000000}", "2000000000")]
    [InlineData("vocab.json", "{\"a\": 1", "vocab.json")]
    [InlineData("merges.txt", "#version: 0.2\nonlyone\n", "onlyone")]
    [InlineData("merges.txt", "no_such_token a\n", "no_such_token")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}", "'x'")]
    [InlineData("tokenizer_config.json", "{\"added_tokens_decoder\": {\"1\": {}}}", "tokenizer_config.json")]
    [InlineData(
        "tokenizer_config.json",
        "{\"added_tokens_decoder\": {\"1\": {\"content\": \"a\", \"single_word\": true}}}",
        "single_word")]
    public void BrokenFilesAreNamed(string file, string content, string named)
    {
        using TemporaryFolder folder = TextCases.CopyOf(Tiny, "vocab.json", "merges.txt", "tokenizer_config.json");
        folder.Write(file, content);
        Assert.Contains(named, Assert.Throws<TokenizerException>(() => QwenTokenizer.Load(folder.Path)).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"model\": {\"type\": \"Unigram\"}}")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": [[\"a\"]]}}")]
    [InlineData("[]")]
    public void BrokenTokenizerJsonIsNamed(string content)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", content);
        Assert.Contains("tokenizer.json", Assert.Throws<TokenizerException>(() => QwenTokenizer.Load(folder.Path)).Message);
    }

    [Fact]
    public void AnEmptyFolderIsNamed()
    {
        using TemporaryFolder folder = new();
        Assert.Contains(folder.Path, Assert.Throws<TokenizerException>(() => QwenTokenizer.Load(folder.Path)).Message);
    }

    private static int[] RunLengths(int[] ids, int value)
    {
        List<int> lengths = [];
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] == value && ids[i - 1] != value)
            {
                lengths.Add(ids.Skip(i).TakeWhile(id => id == value).Count());
            }
        }

        return [.. lengths];
    }
}
