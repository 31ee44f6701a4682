using NexusGen.Text;

namespace NexusGen.Tests.Text;

public class ReplyTextTests
{
    [Theory]
    [InlineData("a<|vision_start|><|image_pad|><|image_pad|><|vision_end|>b<|im_end|>", "a<image>b")]
    [InlineData("<|vision_start|>x\ny<|vision_end|><|vision_start|><|vision_end|>", "<image><image>")]
    [InlineData("<|vision_start|><|vision_start|>x<|vision_end|>y<|vision_end|>", "<image>y<|vision_end|>")]
    [InlineData("a<|vision_start|><|image_pad|><|im_end|>", "a<|vision_start|><|image_pad|>")]
    [InlineData("<|vision_end|>a<|vision_start|>", "<|vision_end|>a<|vision_start|>")]
    [InlineData("<|im_end|>a<|endoftext|><|im_end|>", "a<|endoftext|>")]
    [InlineData("", "")]
    public void ImagesBecomeTags(string decoded, string expected)
    {
        Assert.Equal(expected, ReplyText.WithImageTags(decoded));
        Assert.Equal(expected, ReplyText.WithImageTags(TextCases.Qwen, TextCases.Qwen.Encode(decoded)));
    }

    [Fact]
    public void PlainTextHasNoSpecialTokens()
    {
        int[] ids = TextCases.Qwen.Encode("a<|vision_start|><|image_pad|><|vision_end|><tool_call>b<|im_end|>");
        Assert.Equal("a<tool_call>b", ReplyText.Plain(TextCases.Qwen, ids));
    }
}
