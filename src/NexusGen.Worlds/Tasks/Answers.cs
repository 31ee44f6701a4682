using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Tasks;

/// <summary>Short answers.</summary>
internal static class Answers
{
    /// <summary>Yes or no.</summary>
    public static string YesNo(TextLanguage language, bool yes) => (language, yes) switch
    {
        (TextLanguage.English, true) => "yes",
        (TextLanguage.English, false) => "no",
        (_, true) => "是的",
        _ => "不是",
    };

    /// <summary>An answer with its reason: where two things stand.</summary>
    public static string Because(
        TextLanguage language, string one, string place, string other, string otherPlace, string conclusion) =>
        language == TextLanguage.English
        ? $"{one} is {place}, {other} is {otherPlace}, so {conclusion}"
        : $"{one}在{place}，{other}在{otherPlace}，所以{conclusion}";

    /// <summary>That it is this thing, behind "so".</summary>
    public static string It(TextLanguage language, string what) => language == TextLanguage.English ? what : "是" + what;

    /// <summary>The first or the second picture.</summary>
    public static string Ordinal(TextLanguage language, bool first) => (language, first) switch
    {
        (TextLanguage.English, true) => "the first",
        (TextLanguage.English, false) => "the second",
        (_, true) => "第一张",
        _ => "第二张",
    };

    /// <summary>A direction in a comparison: further left, further up.</summary>
    public static string Towards(TextLanguage language, Relation relation) => language == TextLanguage.English
        ? relation switch { Relation.Left => "left", Relation.Right => "right", Relation.Above => "up", _ => "down" }
        : relation switch { Relation.Left => "左", Relation.Right => "右", Relation.Above => "上", _ => "下" };
}
