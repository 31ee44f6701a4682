using NexusGen.Worlds.Things.GenEval;

namespace NexusGen.Worlds.Things.Texts.Suites;

/// <summary>GenEval's prompts in Chinese, translated category by category with the lexicon's first words.</summary>
public static class GenEvalChinese
{
    /// <summary>Translates a prompt.</summary>
    /// <param name="record">The prompt.</param>
    /// <returns>For instance <c>一张红色狗和蓝色汽车的照片</c>.</returns>
    public static string Translate(GenEvalRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        string[] things = [.. record.Include.Select(Thing)];
        string? relation = record.Include[^1].Relation;
        return relation is null
            ? $"一张{string.Join('和', things)}的照片"
            : $"一张{things[^1]}在{things[record.Include[^1].Target]}{Lexicon.Chinese.Words("relation", relation, "names")[0]}的照片";
    }

    private static string Thing(GenEvalClause clause)
    {
        Lexicon lexicon = Lexicon.Chinese;
        string amount = clause.Count == 1 ? "" : lexicon.Numbers[clause.Count][0] + lexicon.Measures[clause.Class][0];
        string colour = clause.Color is null ? "" : lexicon.Words("colour", clause.Color, "names")[0];
        return amount + colour + lexicon.Items[clause.Class][0].Text;
    }
}
