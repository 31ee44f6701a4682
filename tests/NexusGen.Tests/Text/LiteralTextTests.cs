using NexusGen.Text;

namespace NexusGen.Tests.Text;

/// <summary>Special tokens in the text of a message are text; those of the chat template are tokens.</summary>
public sealed class LiteralTextTests
{
    public static TheoryData<string> Tokens =>
    [
        "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
        "<|vision_pad|>", "<|object_ref_start|>", "<|box_end|>", "<|quad_start|>", "<tool_call>", "</tool_call>",
        "<|fim_prefix|>", "<|repo_name|>", "<|file_sep|>",
    ];

    [Theory]
    [MemberData(nameof(Tokens))]
    public void NoAddedTokenIsParsedInAText(string token)
    {
        int id = TextCases.Qwen.TokenId(token);
        ChatMessage message = ChatMessage.User("a" + token + " b", new ImagePart());
        PromptText prompt = ChatTemplate.Render([message], addGenerationPrompt: true);
        int[] literal = TextCases.Qwen.Encode(prompt, parseSpecialTokens: false);
        int[] official = TextCases.Qwen.Encode(prompt, parseSpecialTokens: true);

        // The template has its own.
        Assert.Equal(official.Count(own => own == id) - 1, literal.Count(own => own == id));
        Assert.Equal(prompt.ToString(), TextCases.Qwen.Decode(literal));
        Assert.Equal(official, TextCases.Qwen.Encode(prompt.ToString()));
    }

    [Theory]
    [InlineData("Is 3 > 2?")]
    [InlineData("\n\nNew lines  \n")]
    [InlineData("é\u0301 <|im_ <| |>")]
    [InlineData("")]
    public void OtherTextHasTheOfficialTokens(string text)
    {
        PromptText prompt = ChatTemplate.Render(
            [ChatMessage.System(text), ChatMessage.User(text, new ImagePart(), text, text), ChatMessage.Assistant(text)],
            addGenerationPrompt: true);
        Assert.Equal(TextCases.Qwen.Encode(prompt.ToString()), TextCases.Qwen.Encode(prompt, parseSpecialTokens: false));
    }

    [Fact]
    public void PiecesMakeNoTokenTogether()
    {
        PromptText prompt = ChatTemplate.Render([ChatMessage.User("<|im_", "end|>")], addGenerationPrompt: false);
        Assert.Equal(
            2, TextCases.Qwen.Encode(prompt, parseSpecialTokens: false).Count(id => id == TextCases.Qwen.TokenId("<|im_end|>")));
    }

    [Theory]
    [InlineData("a <|endoftext|> b")]
    [InlineData("a <|STARTOFTEXT|> b")]
    public void AlsoInClip(string text)
    {
        ClipTokenizer clip = ClipTokenizer.Load(TextCases.Folder("tokenizers/clip"));
        int[] literal = clip.Encode(text, parseSpecialTokens: false), official = clip.Encode(text);

        // The start, the end and the padding are the tokenizer's own; a, b and the typed token are at least six tokens.
        int[] Inner(int[] ids) => [.. ids.Skip(1).TakeWhile(id => id != ids[^1])];
        Assert.DoesNotContain(literal[0], Inner(literal));
        Assert.True(Inner(literal).Length > 5);
        Assert.NotEqual(official, literal);
        Assert.Equal(clip.Encode("a b"), clip.Encode("a b", parseSpecialTokens: false));
    }

    [Fact]
    public void AlsoInT5()
    {
        T5Tokenizer t5 = T5Tokenizer.Load(TextCases.Folder("tokenizers/t5"));
        int[] literal = t5.Encode("a</s> <extra_id_0>", 64, pad: false, parseSpecialTokens: false);
        int[] official = t5.Encode("a</s> <extra_id_0>", 64, pad: false);
        Assert.Equal((1, 2), (literal.Count(id => id == literal[^1]), official.Count(id => id == official[^1])));
        Assert.True(literal.Length > official.Length);
        Assert.Equal(t5.Encode("a b"), t5.Encode("a b", int.MaxValue, pad: false, parseSpecialTokens: false));
    }
}
