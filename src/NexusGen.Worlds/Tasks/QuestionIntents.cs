using NexusGen.Worlds.Texts;

namespace NexusGen.Worlds.Tasks;

/// <summary>The wordings of the questions of <see cref="Understanding"/>, in both languages.</summary>
internal static class QuestionIntents
{
    public static readonly Intent Describe = new(
        [
            "[what is|what do you see] in [this|the] picture", "describe [this|the] [picture|image]",
            "what does [this|the] [picture|image] show",
            "[please |]tell me what is in [this|the] [picture|image]",
            "which objects are in [this|the] [picture|image] and where",
            "what is [there|shown] in [this|the] [picture|image]", "[please |]describe what you see[ in this picture|]",
            "what can you see[ in this image|]",
        ],
        ["[请|]描述[一下|]这[张|幅]图[片|像|]", "这[张|幅]图[片|像|][里|中|上]有什么", "图[片|像|][里|中]画了什么", "[请|]说说这[张|幅]图[里|中]有什么"]);

    public static readonly Intent Count = new(
        [
            "how many {0} are [there|in the picture|in this image|you able to see]", "count the {0}", "what is the number of {0}",
            "[please |]tell me how many {0} there are",
        ],
        ["[图里|图中|]有[多少|几]{1}{0}", "[请|]数一数[图里|图中|][有|]几{1}{0}", "{0}有[多少|几]{1}"]);

    public static readonly Intent Colour = new(
        ["what colour is {0}", "which colour [is|has] {0}", "what is the colour of {0}", "[please |]tell me the colour of {0}"],
        ["{0}是什么颜色[的|]", "{0}是哪种颜色", "[请|]告诉我{0}的颜色", "{0}的颜色是什么"]);

    public static readonly Intent GroundColour = new(
        [
            "what colour is the background", "which colour [is|has] the background", "what is the background's colour",
            "what is the colour of the background",
            "[please |]tell me the colour of the background",
        ],
        ["背景是什么颜色[的|]", "背景是哪种颜色", "背景的颜色是什么", "[请|]告诉我背景[的|是什么]颜色"]);

    public static readonly Intent ShapeOf = new(
        ["what shape is {0}", "which shape [is|has] {0}", "what is {0}", "[please |]tell me the shape of {0}"],
        ["{0}是什么形状[的|]", "{0}是哪种形状", "[请|]告诉我{0}的形状", "{0}是什么"]);

    public static readonly Intent Where = new(
        [
            "where is {0}[ in the picture|]", "where in the [picture|image] is {0}", "in which place is {0}",
            "what is the place of {0}", "where do you see {0}",
            "[please |]tell me [where {0} is|the place of {0}]",
        ],
        ["{0}在[图里|图中|]哪里", "{0}在[图里|图中|]什么[位置|地方]", "[请|]告诉我{0}在[哪里|什么位置]", "{0}的位置[是什么|在哪里]"]);

    public static readonly Intent Exists = new(
        [
            "is there {0}[ in the picture| in this image|]", "[do|can] you see {0}[ in this image|]",
            "does [the|this] [picture|image] [show|have] {0}",
            "is {0} [in the picture|in this image|there]",
            "[please |]tell me if [there is {0}|you see {0}|the picture shows {0}]",
        ],
        [
            "[图里|图中|这里|]有{0}吗", "[图里|图中|这里|]有没有{0}", "[图里|图中|这里|]是[不是|否]有{0}", "你[能|]看到{0}吗", "[请|]告诉我[图里|图中|]有没有{0}",
        ]);

    public static readonly Intent Stands = new(
        [
            "is {0} {2} {1}[ in the picture|]", "does {0} stand {2} {1}", "is it true that {0} [is|stands] {2} {1}",
            "do you see {0} {2} {1}",
        ],
        ["[图里|图中|]{0}在{1}的{2}吗", "[图里|图中|]{0}[是不是|是否]在{1}的{2}"]);

    public static readonly Intent Further = new(
        ["[which|what] [is|stands] further {2}[,|:] {0} or {1}", "[please |]tell me which is further {2}, {0} or {1}"],
        ["{0}和{1}[，|]哪[|一]个更靠{2}", "[图里|图中|]哪[|一]个更靠{2}，{0}还是{1}"]);

    public static readonly Intent Same = new(
        [
            "are [these|the|these two|the two] [pictures|images] the same", "do both [pictures|images] show the same",
            "is the second [picture|image] like the first",
        ],
        ["这两[张|幅]图[片|像|][一样|相同]吗", "两[张|幅]图[是不是|是否][一样|相同]"]);

    public static readonly Intent More = new(
        ["which [picture|image] [has|shows] more {0}", "in which [picture|image] are [there |]more {0}"],
        ["哪[张|幅]图[里|中|][的|]{0}更多", "{0}在哪[张|幅]图[里|中]更多"]);
}
