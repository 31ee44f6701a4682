using NexusGen.Worlds.Core;
using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>Plain conversation about the world. A pure function of the dice.</summary>
public static class Talking
{
    private static readonly (Intent Question, string English, string Chinese)[] Topics =
    [
        (new(["hello", "hi", "good day", "hello there"], ["你好", "您好", "嗨"]),
            "hello! I can draw, change and describe pictures of coloured shapes.", "你好！我会画、修改和描述彩色图形的图片。"),
        (new(["what can you do", "how can you help me", "what are you able to do"], ["你[会|能]做什么", "你有什么用", "你能帮我做什么"]),
            "I can draw, change and describe pictures of coloured shapes.", "我会画、修改和描述彩色图形的图片。"),
        (new(["who are you", "what are you", "what is your name"], ["你是谁", "你叫什么[名字|]"]),
            "I am a small Nexus-Gen model.", "我是一个小的Nexus-Gen模型。"),
        (new(
            ["which colours [are there|do you know]", "what colours can you [draw|use]", "name [the|all] colours"],
            ["有[哪些|什么]颜色", "你[知道|认识]哪些颜色", "说说所有的颜色"]),
            "red, orange, yellow, green, cyan, blue, purple and pink", "红色、橙色、黄色、绿色、青色、蓝色、紫色和粉色"),
        (new(
            ["which shapes [are there|do you know]", "what shapes can you draw", "name [the|all] shapes"],
            ["有[哪些|什么]形状", "你[知道|认识]哪些形状", "说说所有的形状"]),
            "circle, square, triangle, star, ring, diamond, cross and heart", "圆形、正方形、三角形、星星、圆环、菱形、十字和爱心"),
        (new(["which backgrounds [are there|do you know]", "what backgrounds can you draw"], ["有[哪些|什么]背景", "你[知道|能画]哪些背景"]),
            "white, black, gray, beige and brown", "白色、黑色、灰色、米色和棕色"),
        (new(["which sizes [are there|do you know]", "what sizes can things have"], ["有[哪些|什么]大小", "图形有几种大小"]),
            "small and big", "小和大"),
        (new(["how many sides has a triangle", "how many corners has a triangle"], ["三角形有几[条边|个角]"]), "three", "三"),
        (new(["how many sides has a square", "how many corners has a square"], ["正方形有几[条边|个角]"]), "four", "四"),
        (new(["how many points has a star"], ["星星有几个角"]), "five", "五"),
        (new(["what is a ring", "what does a ring look like"], ["圆环是什么[样子|]"]), "a circle with a hole", "中间有洞的圆形"),
        (new(["thank you", "thanks", "thanks a lot"], ["谢谢", "谢谢你", "多谢"]), "you are welcome!", "不客气！"),
        (new(["goodbye", "bye", "see you"], ["再见", "拜拜"]), "goodbye!", "再见！"),
    ];

    /// <summary>A sample.</summary>
    /// <param name="dice">Where chance comes from.</param>
    /// <param name="language">The language.</param>
    /// <returns>The sample.</returns>
    public static WorldSample Make(Dice dice, TextLanguage language)
    {
        ArgumentNullException.ThrowIfNull(dice);
        (Intent question, string english, string chinese) = dice.Pick<(Intent, string, string)>(Topics);
        string text = question.Say(language, dice);
        string asked = text.Contains("how ", StringComparison.Ordinal) || text.Contains("wh", StringComparison.Ordinal)
            ? Sentence.Question(language, dice, text)
            : Sentence.Request(language, dice, text);
        return new WorldSample(
            WorldTask.Talk, "talk", language,
            [new(false, asked), new(true, language == TextLanguage.English ? english : chinese)], []);
    }
}
